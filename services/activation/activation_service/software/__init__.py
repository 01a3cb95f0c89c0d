"""Licences of the software that services maintain: keys, downloads, lapse, reinstatement (ACT-12)."""
