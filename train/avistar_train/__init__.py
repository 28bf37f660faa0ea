"""Fine-tunes VGG16, ResNet50 and InceptionV3 and publishes bundles; meets the other parts only on disk."""
