"""The main job, played through HTTP commands and topics only, each step told as it happens."""
