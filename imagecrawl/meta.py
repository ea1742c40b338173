"""Which keys of a request's meta are ours? All else in it belongs to the spider."""

from __future__ import annotations

ENTRY_KEY = "frontier_entry"
"""The id of the entry that a Request was leased from."""
OWN_FILTER_KEY = "imagecrawl_dont_filter"
"""The ``dont_filter`` that a leased Request came with: in the lease it is always true."""
IMAGE_KEY = "imagecrawl_image"
"""What is known of the image that a Request asks for, as a dict; absent for pages."""
ITEM_KEY = "imagecrawl_item"
"""Present where an item of the spider's names the image: its fields must not be lost when that is
known already."""
STORED_KEY = "imagecrawl_stored"
"""The path below the store of an image that is there, and is not to be asked for again."""
CURSOR_KEY = "imagecrawl_cursor"
"""How far its source has been read when a start Request was made."""
ROBOTS_KEY = "imagecrawl_robots"
"""Present in a Request for a robots.txt: what asks for it waits, and need not wait for it."""
