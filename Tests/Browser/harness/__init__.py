"""What the browser tests stand on: real servers, a network cable that can be cut, and desks to work at."""
