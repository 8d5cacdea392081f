"""What officers who edit boundaries wait for."""
