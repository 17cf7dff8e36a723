#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A kubelet in one call, for tests: cri.py DESCRIPTORS SOCKET METHOD [REQUEST]

Calls a method of the CRI's RuntimeService on a unix socket. The request is JSON, {} by default, and
so is the answer that is printed. DESCRIPTORS is what protoc made of cri.proto. The answer of Exec and
Attach is a URL: then stdin is sent there and what comes is printed, as kubectl would, and the exit
status is the process's. An error is printed as the server's own text, with status 1.
"""

import json
import os
import sys
import threading

import grpc
import websocket
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

STDIN, STDOUT, STDERR, STATUS = range(4)  # the channels of v4.channel.k8s.io


def load(path):
    pool = descriptor_pool.DescriptorPool()
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as file:
        files.ParseFromString(file.read())
    for file in files.file:
        pool.Add(file)
    return pool


def call(pool, socket, name, request):
    service = pool.FindServiceByName("runtime.v1.RuntimeService")
    method = service.methods_by_name[name]
    factory = message_factory.MessageFactory(pool)
    ask = factory.GetPrototype(method.input_type)
    answer = factory.GetPrototype(method.output_type)
    with grpc.insecure_channel(f"unix://{socket}") as channel:
        do = channel.unary_unary(f"/{service.full_name}/{name}", ask.SerializeToString, answer.FromString)
        return json_format.MessageToDict(do(json_format.ParseDict(request, ask()), timeout=60))


def exit_status(text):
    status = json.loads(text)
    if status.get("status") == "Success":
        return 0
    for cause in status.get("details", {}).get("causes", []):
        if cause.get("reason") == "ExitCode":
            return int(cause["message"])
    print(status.get("message", text), file=sys.stderr)
    return 1


def stream(url):
    there = websocket.create_connection(
        url.replace("http:", "ws:", 1), subprotocols=["v4.channel.k8s.io"], timeout=60
    )

    def send():
        while data := os.read(0, 4096):
            there.send_binary(bytes([STDIN]) + data)

    threading.Thread(target=send, daemon=True).start()
    while data := there.recv():
        if data[0] == STATUS:
            return exit_status(data[1:])
        out = sys.stderr.buffer if data[0] == STDERR else sys.stdout.buffer
        out.write(data[1:])
        out.flush()
    return 1


def main(descriptors, socket, method, request="{}"):
    try:
        answer = call(load(descriptors), socket, method, json.loads(request))
    except grpc.RpcError as error:
        sys.exit(f"{error.code().name}: {error.details()}")
    if method in ("Exec", "Attach"):
        sys.exit(stream(answer["url"]))
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
