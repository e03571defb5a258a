"""The panel's parts, a file each: what they show, and what a person does with them; `panel` joins them."""
