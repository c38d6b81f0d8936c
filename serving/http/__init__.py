"""What does a request meet? First the gate around everything, then its route.

gate/    what is decided before the service sees a request, and the shape of every error
routes/  what is answered, one module per group of routes
"""
