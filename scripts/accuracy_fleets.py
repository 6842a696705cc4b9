"""From the device that a training row names to the fleet that a question asks: nodes, links, fabric, and the axes of a torus."""
import math

import accuracy_names
from accuracy_rows import NotExpressed

# Parts of a row's device name, the first that fits: zoo entry of the device, devices of a node, one-way link inside, fabric.
NODES = [
    ("gb300", "GB300", 4, "900 GB/s", "InfiniBand_XDR"),
    ("gb200", "GB200", 4, "900 GB/s", "InfiniBand_NDR"),
    ("b300", "B300", 8, "900 GB/s", "InfiniBand_XDR"),
    ("b200", "B200", 8, "900 GB/s", "InfiniBand_NDR"),
    ("h200", "H200", 8, "450 GB/s", "InfiniBand_NDR"),
    ("h100", "H100", 8, "450 GB/s", "InfiniBand_NDR"),
    ("a100", "A100", 8, "300 GB/s", "InfiniBand_HDR"),
    ("mi300x", "MI300X", 8, "448 GB/s", "InfiniBand_NDR"),
    ("mi325x", "MI325X", 8, "448 GB/s", "InfiniBand_NDR"),
    ("mi350x", "MI350X", 8, "537 GB/s", "InfiniBand_NDR"),
    ("mi355x", "MI355X", 8, "537 GB/s", "InfiniBand_NDR"),
    ("h800", "H800", 8, "200 GB/s", "InfiniBand_NDR"),
    ("h20", "H20", 8, "450 GB/s", "InfiniBand_NDR"),
    ("a800", "A800", 8, "200 GB/s", "InfiniBand_HDR"),
    ("v100", "V100", 8, "150 GB/s", "InfiniBand_EDR"),
    ("gh200", "GH200", 4, "450 GB/s", "InfiniBand_NDR"),
]
# Of a device that none of these is: cards of a node meet over PCIe, nodes over 200 Gbit/s.
OTHER_NODE = (8, "32 GB/s", "InfiniBand_HDR")
# A slice is a node: its chips share one torus. Axes of the torus, one-way link of a chip over all axes.
TORI = [
    ("v6e", "TPUv6", 2, "400 GB/s"),
    ("trillium", "TPUv6", 2, "400 GB/s"),
    ("ironwood", "TPUv7", 3, "600 GB/s"),
    ("v7x", "TPUv7", 3, "600 GB/s"),
    ("tpu7x", "TPUv7", 3, "600 GB/s"),
    ("v5p", "TPUv5p", 3, "600 GB/s"),
    ("v5e", "TPUv5e", 2, "200 GB/s"),
    ("v4", "TPUv4", 3, "300 GB/s"),
]


def fleet_of(row):
    """Nodes of the row's devices, the network that its generation is sold with, and what the device is limited to."""
    name = row["hardware"]["gpu"].lower()
    count = row["hardware"]["count"]
    for part, device, axes, link in TORI:
        if part in name:
            slices = row["hardware"].get("slices") or 1
            node = {"kind": "node", "accelerator": device, "accelerators": count // slices, "link_bandwidth": link}
            fleet = {"kind": "cluster", "node": node, "nodes": slices}
            if slices > 1:
                fleet["fabric"] = "Ethernet_100G"
            return fleet, {"torus_dimensions": axes}
    for part, device, in_node, link, fabric in NODES:
        if part in name:
            limits = {}
            if part == "a100" and "40gb" in name:
                device = "A100_40GB"
            if "hbm2e" in name and part == "h100":  # a card of its own: its memory and its power are in its name
                device = {"based_on": "H100", "memory_bandwidth": "2.4 TB/s", "memory_capacity": "96 GiB"}
                limits["power_limit"] = "500 W"
            in_node = min(in_node, count)
            node = {"kind": "node", "accelerator": device, "accelerators": in_node, "link_bandwidth": link}
            fleet = {"kind": "cluster", "node": node, "nodes": math.ceil(count / in_node), "fabric": fabric}
            return fleet, limits
    device = accuracy_names.device_named(row["hardware"]["gpu"])
    if device is None:
        raise NotExpressed("device " + row["hardware"]["gpu"])
    in_node, link, fabric = OTHER_NODE
    in_node = min(in_node, count)
    node = {"kind": "node", "accelerator": device, "accelerators": in_node, "link_bandwidth": link}
    return {"kind": "cluster", "node": node, "nodes": math.ceil(count / in_node), "fabric": fabric}, {}
