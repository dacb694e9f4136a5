"""Operating an installation: figures, heartbeats, the doctor, backup and restore."""
