"""The map of one service: verdict, picture, panel, cards below it, and the page that steps through a connection."""
