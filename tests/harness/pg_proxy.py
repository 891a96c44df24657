"""A TCP proxy in front of a Cluster that can stop forwarding: packets are dropped, connections stay open.

    with PgProxy(db) as proxy:
        Daemon(options={"state": proxy.conninfo, ...})
        proxy.drop("ehcwatchd lease")      # connections of that application_name, also new ones; no name: all of them
        proxy.forward()
"""
import contextlib
import select
import socket
import threading


class PgProxy:
    def __init__(self, cluster):
        self.target = f"{cluster.dir}/sock/.s.PGSQL.5432"
        self.dropped = None  # application_name whose packets are held; "": everybody's
        self.held = 0  # times that something was there to be forwarded and was not
        self.closing = threading.Event()
        self.threads = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads.append(threading.Thread(target=self._accept, daemon=True))

    @property
    def conninfo(self):
        return f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres sslmode=disable gssencmode=disable"

    def drop(self, application=""):
        self.held, self.dropped = 0, application

    def forward(self):
        self.dropped = None

    def _accept(self):
        while not self.closing.is_set():
            if select.select([self.listener], [], [], 0.1)[0]:
                client = self.listener.accept()[0]
                thread = threading.Thread(target=self._relay, args=(client,), daemon=True)
                self.threads.append(thread)
                thread.start()

    def _passes(self, name):
        return self.dropped is None or (self.dropped and self.dropped != name)

    def _relay(self, client):
        """Both directions of one connection. Its name is in the first packet, which is small and comes in one piece."""
        with contextlib.suppress(OSError), client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self.target)
            first = client.recv(65536)
            fields = first[8:].split(b"\0")
            name = fields[fields.index(b"application_name") + 1].decode() if b"application_name" in fields else ""
            pending = first
            while not self.closing.is_set():
                ready = select.select([client, server], [], [], 0.02)[0]
                if not self._passes(name):
                    self.held += bool(ready or pending)
                    self.closing.wait(0.02)
                    continue
                server.sendall(pending)
                pending = b""
                for a, b in ((client, server), (server, client)):
                    if a in ready:
                        data = a.recv(65536)
                        if not data:
                            return
                        b.sendall(data)

    def __enter__(self):
        self.threads[0].start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        for thread in self.threads:
            thread.join(5)
        self.listener.close()
