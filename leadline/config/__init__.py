"""Settings, URLs and wiring; the only reader of the environment."""
