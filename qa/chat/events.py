"""What the events of the page have in common."""

from __future__ import annotations

from typing import Any

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""Nothing of Gradio's is drawn over our own elements meanwhile, and programs do not see the event."""
