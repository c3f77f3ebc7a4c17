"""The models as devices: the language model's process and the embedder."""
