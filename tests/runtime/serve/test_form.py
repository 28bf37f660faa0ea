from __future__ import annotations

import pytest

pytest.importorskip("python_multipart", reason="the serve extra isn't installed")

from avistar.serve.form import file_name


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('form-data; name="file"; filename="a.jpg"', "a.jpg"),
        ("form-data; name=file; filename=a.jpg", "a.jpg"),
        ('form-data; name="file"; filename="año.jpg"', "año.jpg"),
        ('form-data; name="file"; filename=""', ""),
        ('form-data; name="file"', None),
        ("", None),
        # urllib3 before 2, and requests with it.
        ("form-data; name=\"file\"; filename*=utf-8''a%C3%B1o.jpg", "año.jpg"),
        ("form-data; name=\"file\"; FileName*=UTF-8'es'a%C3%B1o.jpg; x=1", "año.jpg"),
        ("form-data; name=\"file\"; filename*=iso-8859-1''a%F1o.jpg", "año.jpg"),
        # .NET sends both.
        (
            'form-data; name=file; filename="=?utf-8?B?YcOxby5qcGc=?="; ' + "filename*=utf-8''a%C3%B1o.jpg",
            "año.jpg",
        ),
        ('form-data; name=file; filename="=?utf-8?B?YcOxby5qcGc=?="', "año.jpg"),
        ("form-data; name=file; filename==?utf-8?B?YcOxby5qcGc=?=", "año.jpg"),
        # What can't be decoded stays as it was sent.
        ('form-data; name=file; filename="=?nonsense?B?YQ==?="', "=?nonsense?B?YQ==?="),
        ('form-data; name=file; filename="=?utf-8?B?YcOxb?="', "=?utf-8?B?YcOxb?="),
        ("form-data; name=file; filename=b.jpg; filename*=utf-8''%FF", "b.jpg"),
        ("form-data; name=file; filename*=utf-8''%FF", "%FF"),
        ("form-data; name=file; filename=b.jpg; filename*=utf-7''+AGE-", "b.jpg"),
        # Inside quotes it is part of a name.
        ("form-data; name=\"x; filename*=utf-8''evil\"; filename=\"a; filename*=utf-8''b\"", "a; filename*=utf-8''b"),
    ],
)
def test_a_files_name_is_read_however_a_client_writes_it(header: str, name: str | None) -> None:
    assert file_name(header.encode()) == name
