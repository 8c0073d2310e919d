"""A proxy as companies have them: it opens TLS with certificates of its own, looks, and sends everything on to one server.

opening_proxy.py HOST:PORT DIRECTORY: writes ca.pem and asked.txt (one line a connection) into the directory, prints its port, and
ends when its standard input does.
"""

import datetime
import pathlib
import socket
import ssl
import sys
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

host, _, port = sys.argv[1].rpartition(":")
SERVER = (host, int(port))
PLACE = pathlib.Path(sys.argv[2])
LOCK = threading.Lock()


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(subject, key, issuer, signer, extension):
    now = datetime.datetime.now(datetime.timezone.utc)
    made = x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer)).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
    made = made.not_valid_after(now + datetime.timedelta(days=30)).add_extension(extension, critical=False)
    return made.sign(signer, hashes.SHA256())


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


CA_KEY = ec.generate_private_key(ec.SECP256R1())
CA = certificate("company", CA_KEY, "company", CA_KEY, x509.BasicConstraints(ca=True, path_length=None))
(PLACE / "ca.pem").write_bytes(pem(CA))


def context(server):
    """What the proxy shows for a server's name."""
    with LOCK:
        file = PLACE / f"{server}.pem"
        if not file.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            shown = certificate(server, key, "company", CA_KEY, x509.SubjectAlternativeName([x509.DNSName(server)]))
            form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            file.write_bytes(key.private_bytes(*form) + pem(shown))
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(file)
    return made


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(client):
    head = b""
    while b"\r\n\r\n" not in head:
        more = client.recv(65536)
        if not more:
            return
        head += more
    line = head.split(b"\r\n", 1)[0].decode()
    with LOCK, (PLACE / "asked.txt").open("a") as asked:
        asked.write(line + "\n")
    if line.startswith("CONNECT "):
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            client = context(line.split()[1].rpartition(":")[0]).wrap_socket(client, server_side=True)
        except (ssl.SSLError, OSError):
            return
        head = b""
    server = socket.create_connection(SERVER)
    server.sendall(head)
    threading.Thread(target=pump, args=(server, client), daemon=True).start()
    pump(client, server)


def listen(listener):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()


LISTENER = socket.create_server(("127.0.0.1", 0))
print(LISTENER.getsockname()[1], flush=True)
threading.Thread(target=listen, args=(LISTENER,), daemon=True).start()
sys.stdin.read()
