"""Mail, office documents, books and PDF."""
