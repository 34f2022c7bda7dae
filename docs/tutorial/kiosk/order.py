import os, socket, sys
from urllib.parse import urlparse

redis = urlparse(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"))
words = ["XADD", "orders", "*", "product", sys.argv[1], "count", sys.argv[2]]
command = f"*{len(words)}\r\n" + "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
with socket.create_connection((redis.hostname, redis.port)) as connection:
    connection.sendall(command.encode())
    print("Written as", connection.recv(1024).decode().split("\r\n")[1])
