"""What an item passes through, in the order that ITEM_PIPELINES gives: the refinement steps, the commit."""
