// Package network is the float model as this prover sees it: a graph of stages, each a linear layer, then an optional
// max-pool and an optional ReLU.
package network

// Shape is channels, height, width; flat activations are n x 1 x 1.
type Shape [3]int

// Size is the number of elements.
func (s Shape) Size() int { return s[0] * s[1] * s[2] }

// Geometry is the sliding window shared by convolutions, pools and dense layers (a 1x1 convolution of a 1x1 image).
// Pad is the padding above and to the left; the padding below and to the right follows from Out.
type Geometry struct {
	In       Shape  `json:"in"`
	Out      Shape  `json:"out"`
	Group    int    `json:"group"`
	Kernel   [2]int `json:"kernel"`
	Stride   [2]int `json:"stride"`
	Dilation [2]int `json:"dilation"`
	Pad      [2]int `json:"pad"`
}

// Tap is one input position under a window, and its weight.
type Tap struct{ Input, Weight int }

// Taps appends the taps of output position o (row-major in Out); positions in the padding have none.
func (g *Geometry) Taps(o int, to []Tap) []Tap {
	hw := g.Out[1] * g.Out[2]
	oc, oy, ox := o/hw, o%hw/g.Out[2], o%g.Out[2]
	perGroup := g.In[0] / g.Group
	firstIn := oc / (g.Out[0] / g.Group) * perGroup
	for c := range perGroup {
		for ky := range g.Kernel[0] {
			iy := oy*g.Stride[0] + ky*g.Dilation[0] - g.Pad[0]
			if iy < 0 || iy >= g.In[1] {
				continue
			}
			row := ((firstIn+c)*g.In[1] + iy) * g.In[2]
			weights := ((oc*perGroup+c)*g.Kernel[0] + ky) * g.Kernel[1]
			for kx := range g.Kernel[1] {
				if ix := ox*g.Stride[1] + kx*g.Dilation[1] - g.Pad[1]; ix >= 0 && ix < g.In[2] {
					to = append(to, Tap{row + ix, weights + kx})
				}
			}
		}
	}
	return to
}

// WeightCount is the number of weights that the window of every output channel has together.
func (g *Geometry) WeightCount() int {
	return g.Out[0] * (g.In[0] / g.Group) * g.Kernel[0] * g.Kernel[1]
}

// dense is the window of a fully connected layer.
func dense(inputs, outputs int) Geometry {
	return window(Shape{inputs, 1, 1}, Shape{outputs, 1, 1}, 1)
}

// identity is the window that passes every element of a shape through.
func identity(s Shape) Geometry { return window(s, s, s[0]) }

func window(in, out Shape, group int) Geometry {
	one := [2]int{1, 1}
	return Geometry{In: in, Out: out, Group: group, Kernel: one, Stride: one, Dilation: one}
}
