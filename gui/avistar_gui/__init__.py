"""The desktop app: shows what the runtime says."""
