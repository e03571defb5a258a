"""Who looks on: tables, TensorBoard, pictures."""
