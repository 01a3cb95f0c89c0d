"""The rows of bulk files, one by one."""
