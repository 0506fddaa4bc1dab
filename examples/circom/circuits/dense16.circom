pragma circom 2.0.0;

// A fully connected layer of 16 inputs and outputs, then squares. The weights are fixed in the circuit.
template Dense(n) {
    signal input in[n];
    signal sum[n];
    signal output out[n];
    for (var o = 0; o < n; o++) {
        var acc = 0;
        for (var i = 0; i < n; i++) {
            acc += in[i] * ((31 * o + 17 * i) % 7 - 3);
        }
        sum[o] <== acc;
        out[o] <== sum[o] * sum[o];
    }
}

component main = Dense(16);
