"""The version of this package, recorded in every run."""

VERSION = "0.1.0"
