"""The Teach screen: the model learns from what people reviewed, and proves that it got better before it is used."""
