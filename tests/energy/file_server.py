"""A file server on this machine that speaks SFTP: one user, one folder, a password and a key."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager
from pathlib import Path

import paramiko


class Door(paramiko.ServerInterface):
    def __init__(self, keys, tried):
        self.keys, self.tried = keys, tried

    def check_auth_password(self, username, password):
        self.tried.append(password)
        right = (username, password) == ("park", "sesame")
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username, key):
        return paramiko.AUTH_SUCCESSFUL if key in self.keys else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username):
        return "password,publickey"

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED


class Handle(paramiko.SFTPHandle):
    def stat(self):
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


def files_below(root):
    class Files(paramiko.SFTPServerInterface):
        def _path(self, path):
            return Path(root) / path.lstrip("/")

        def list_folder(self, path):
            try:
                entries = sorted(self._path(path).iterdir())
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno)
            return [paramiko.SFTPAttributes.from_stat(entry.lstat(), os.fsencode(entry.name)) for entry in entries]

        def stat(self, path):
            return paramiko.SFTPAttributes.from_stat(self._path(path).stat())

        def open(self, path, flags, attr):
            handle = Handle(flags)
            try:
                handle.readfile = self._path(path).open("rb")
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno)
            handle.filename = path
            return handle

    return Files


@contextmanager
def sftp_server(root, host_key, keys=(), tried=None):
    """The port of a server."""
    tried = [] if tried is None else tried
    listener = socket.create_server(("127.0.0.1", 0))
    transports = []

    def serve():
        while True:
            try:
                accepted, _address = listener.accept()
            except OSError:
                return
            try:
                transport = paramiko.Transport(accepted)
                transports.append(transport)
                transport.add_server_key(host_key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, files_below(root))
                transport.start_server(server=Door(keys, tried))
            except (paramiko.SSHException, EOFError, OSError):
                # Who called has gone already.
                accepted.close()

    worker = threading.Thread(target=serve, daemon=True)
    worker.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        worker.join(5)
        for transport in transports:
            transport.close()
