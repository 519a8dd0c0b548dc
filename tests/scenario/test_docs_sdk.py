"""The SDK is installed, a plugin built and tested, as its READMEs show."""

import os
import shutil
import subprocess

import pytest

from blocks import block
from harness.program import ROOT, binary, run

CC = os.environ.get("CC", "cc")


def shell(command, folder, home):
    done = subprocess.run(["/bin/sh", "-ec", command], cwd=folder, env={**os.environ, "HOME": str(home), "CC": CC}, capture_output=True,
                          text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Somebody's home, where the SDK was installed from a checkout."""
    made = tmp_path_factory.mktemp("home")
    (made / "checkout").mkdir()
    (made / "checkout/sdk").symlink_to(ROOT / "sdk")
    shell(block("sdk/README.md", "run: install").text, made / "checkout", made)
    return made


@pytest.mark.timeout(150)
def test_what_is_installed_is_enough_for_a_plugin_that_is_built_by_hand(home, tmp_path):
    shutil.copy(ROOT / "sdk/examples/uptime/uptime.c", tmp_path)
    shell(block("sdk/README.md", "run: by hand").text.replace("cc ", f"{CC} ", 1), tmp_path, home)
    (tmp_path / "probes").mkdir()
    shutil.move(tmp_path / "uptime.so", tmp_path / "probes")
    done = run("plugin", "show", "--path", tmp_path, "uptime")
    assert done.returncode == 0 and "machine.uptime" in done.stdout, done


@pytest.mark.timeout(150)
def test_the_testkit_runs_what_is_shown(home, tmp_path):
    """With the plugin of this build, whose sanitizers the test then needs, too."""
    plugins = binary().parents[1] / "lib/vpn-sentinel/probes"
    symbols = subprocess.run(["nm", "-D", plugins / "ipinfo.so"], capture_output=True, text=True, check=True).stdout
    sanitize = [f"-fsanitize={name}" for name, sign in (("address", "__asan_"), ("undefined", "__ubsan_"), ("thread", "__tsan_"))
                if sign in symbols]
    shown = "".join(f"\t{line}" for line in block("sdk/testkit/README.md", "run: testkit").text.splitlines(keepends=True))
    (tmp_path / "ipinfo_test.c").write_text(
        "#include <setjmp.h>\n#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <cmocka.h>\n"
        "#include <vpn_sentinel_testkit/testkit.h>\n\n"
        f"static void what_is_shown(void **state)\n{{\n\t(void)state;\n{shown}}}\n\n"
        "int main(void)\n{\n\tconst struct CMUnitTest tests[] = {cmocka_unit_test(what_is_shown)};\n\n"
        "\treturn cmocka_run_group_tests(tests, NULL, NULL);\n}\n", encoding="utf-8")
    subprocess.run([CC, "-std=gnu11", "-Wall", "-Wextra", "-Werror", *sanitize, "-I",
                    home / ".local/include", f'-DPLUGINS="{plugins}"', "-o", "ipinfo_test", "ipinfo_test.c",
                    *(home / ".local/lib").rglob("libvpn_sentinel_testkit.a"), "-lcmocka", "-ldl"], cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "ipinfo_test"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and "PASSED" in done.stdout + done.stderr, done
