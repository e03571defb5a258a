"""Other programs' formats: the public two-stage code, SegResNet, MONAI Bundles in and out, ONNX, TorchScript."""
