"""One module of checks for each notebook: `exNN_topic` for `NN_topic`."""
