"""What speaks to the outside: clouds, Kubernetes, and the embedded fleet. Knows nothing of console or textual."""
