"""Tests of ``imagecrawl.discovery``."""
