"""Turns a trained network into ONNX files and engines that prove they still see the same."""
