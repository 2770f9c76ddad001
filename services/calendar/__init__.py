"""Who is on call when: pure rules over values. Importable by every service, like the chassis."""
