/** The common shape of two tensors by NumPy's rules, or undefined where there is none. */
export function broadcastShapes(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length)
  const shape: number[] = []
  for (let axis = 0; axis < rank; axis++) {
    const sideA = a[axis - rank + a.length] ?? 1
    const sideB = b[axis - rank + b.length] ?? 1
    if (sideA !== sideB && sideA !== 1 && sideB !== 1) return undefined
    shape.push(sideA === 1 ? sideB : sideA)
  }
  return shape
}

/** Where the value at a row-major index of `shape` lies in a tensor of `dims` that is repeated to fill it. */
export function makeIndexer(dims: readonly number[], shape: readonly number[]): (index: number) => number {
  if (dims.join() === shape.join()) return (index) => index
  const strides: number[] = Array.from({ length: shape.length }, () => 0)
  let stride = 1
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    if (dims[axis] !== 1) strides[axis + shape.length - dims.length] = stride
    stride *= dims[axis]!
  }
  return (index) => {
    let rest = index
    let place = 0
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += (rest % shape[axis]!) * strides[axis]!
      rest = Math.floor(rest / shape[axis]!)
    }
    return place
  }
}
