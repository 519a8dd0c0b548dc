#include "plug/note.h"

#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/instance.h"
#include "plug/kind.h"
#include "plug/name.h"
#include "vpn_sentinel/abi.h"

#if defined(__x86_64__)
#define OUR_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OUR_MACHINE EM_AARCH64
#elif defined(__riscv)
#define OUR_MACHINE EM_RISCV
#elif defined(__powerpc64__)
#define OUR_MACHINE EM_PPC64
#elif defined(__s390x__)
#define OUR_MACHINE EM_S390
#elif defined(__arm__)
#define OUR_MACHINE EM_ARM
#elif defined(__i386__)
#define OUR_MACHINE EM_386
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OUR_ORDER ELFDATA2LSB
#else
#define OUR_ORDER ELFDATA2MSB
#endif

#define OUR_CLASS (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)

static int refuse_damaged(struct vs_err *err, const char *how)
{
	return vs_err_set(err, VS_ERR_INVALID, "the file is damaged (%s): copy or build it again", how);
}

static int check_magic(int fd, struct vs_err *err)
{
	unsigned char head[SELFMAG];
	ssize_t got;

	got = pread(fd, head, sizeof(head), 0);
	if (got < 0)
		return vs_err_set(err, VS_ERR_SYSTEM, "the file cannot be read: %s", strerror(errno));
	if (got == 0)
		return vs_err_set(err, VS_ERR_INVALID, "the file is empty: copy or build it again");
	if (got < SELFMAG || memcmp(head, ELFMAG, SELFMAG) != 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"the file is not a shared object (no ELF header): put the .so that the build made "
			"there");
	return 0;
}

/* The headers of the whole file, and whether what they point at lies inside it. */
static int check_headers(Elf *elf, uint64_t file_size, struct vs_err *err)
{
	GElf_Ehdr head;
	GElf_Phdr segment;
	size_t count;
	size_t i;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &head))
		return refuse_damaged(err, "its ELF header is cut off");
	if (gelf_getclass(elf) != OUR_CLASS || head.e_ident[EI_DATA] != OUR_ORDER)
		return vs_err_set(err, VS_ERR_INVALID,
			"the file is for machines of another word size or byte order: build it for this one");
#ifdef OUR_MACHINE
	if (head.e_machine != OUR_MACHINE)
		return vs_err_set(err, VS_ERR_INVALID,
			"the file is for ELF machine %u, this program for %u: build it for this machine",
			(unsigned)head.e_machine, (unsigned)OUR_MACHINE);
#endif
	if (head.e_type != ET_DYN)
		return vs_err_set(err, VS_ERR_INVALID,
			"the file is an ELF file but no shared object: link it with -shared");
	if (head.e_shoff > file_size || (uint64_t)head.e_shnum * head.e_shentsize > file_size - head.e_shoff)
		return refuse_damaged(err, "its section headers are cut off");
	if (elf_getphdrnum(elf, &count) != 0)
		return refuse_damaged(err, "its program headers cannot be read");
	for (i = 0; i < count; i++) {
		if (!gelf_getphdr(elf, (int)i, &segment))
			return refuse_damaged(err, "its program headers are cut off");
		if (segment.p_type == PT_LOAD &&
			(segment.p_offset > file_size || segment.p_filesz > file_size - segment.p_offset))
			return refuse_damaged(err, "its code or data is cut off");
	}
	return 0;
}

static Elf_Data *find_section(Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr head;
	const char *name;
	size_t names;

	if (elf_getshdrstrndx(elf, &names) != 0)
		return NULL;
	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &head))
			continue;
		name = elf_strptr(elf, names, head.sh_name);
		if (name && strcmp(name, VPNS_NOTE_SECTION) == 0 && head.sh_type == SHT_NOTE)
			return elf_getdata(section, NULL);
	}
	return NULL;
}

static bool find_desc(Elf *elf, struct vpns_note_desc *desc)
{
	Elf_Data *data = find_section(elf);
	const char *bytes;
	GElf_Nhdr head;
	size_t offset = 0;
	size_t owner;
	size_t content;

	if (!data || !data->d_buf)
		return false;
	bytes = data->d_buf;
	while ((offset = gelf_getnote(data, offset, &head, &owner, &content)) > 0) {
		if (head.n_type != VPNS_NOTE_TYPE || head.n_namesz != sizeof(VPNS_NOTE_OWNER) ||
			head.n_descsz < sizeof(*desc))
			continue;
		if (memcmp(bytes + owner, VPNS_NOTE_OWNER, sizeof(VPNS_NOTE_OWNER)) != 0)
			continue;
		memcpy(desc, bytes + content, sizeof(*desc));
		return true;
	}
	return false;
}

static int take_desc(struct vs_note *note, const struct vpns_note_desc *desc, struct vs_err *err)
{
	if (desc->magic != VPNS_MAGIC)
		return vs_err_set(err, VS_ERR_INVALID,
			"its note has the magic 0x%08x, a VPN Sentinel plugin has 0x%08x: it is something "
			"else, or was built for another byte order",
			(unsigned)desc->magic, (unsigned)VPNS_MAGIC);
	if (!memchr(desc->name, '\0', sizeof(desc->name)) ||
		!memchr(desc->version, '\0', sizeof(desc->version)))
		return refuse_damaged(err, "the texts of its note do not end");
	memset(note, 0, sizeof(*note));
	note->abi_major = desc->abi_major;
	note->abi_minor = desc->abi_minor;
	note->kind = desc->kind;
	memcpy(note->name, desc->name, strlen(desc->name));
	memcpy(note->version, desc->version, strlen(desc->version));
	if (note->abi_major == VPNS_ABI_MAJOR && (note->kind < 1 || note->kind > VS_KIND_COUNT))
		return vs_err_set(err, VS_ERR_INVALID,
			"it says it is of kind %u, which does not exist: use one of the VPNS_*_PLUGIN macros",
			(unsigned)note->kind);
	if (!vs_name_is_valid(note->name))
		return vs_err_set(
			err, VS_ERR_INVALID, "the name in its note is not a plugin name: " VS_NAME_RULE);
	return 0;
}

int vs_note_read(struct vs_note *note, int fd, struct vs_err *err)
{
	struct vpns_note_desc desc;
	struct stat file;
	Elf *elf;
	int rc;

	rc = check_magic(fd, err);
	if (rc < 0)
		return rc;
	if (fstat(fd, &file) != 0)
		return vs_err_set(err, VS_ERR_SYSTEM, "the file cannot be examined: %s", strerror(errno));
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf)
		return refuse_damaged(err, "its ELF header is cut off");
	rc = check_headers(elf, (uint64_t)file.st_size, err);
	if (rc < 0)
		goto out;
	if (!find_desc(elf, &desc)) {
		rc = vs_err_set(err, VS_ERR_INVALID,
			"the file is a shared object but no VPN Sentinel plugin (it has no " VPNS_NOTE_SECTION
			" note): end its source with one of the VPNS_*_PLUGIN macros");
		goto out;
	}
	rc = take_desc(note, &desc, err);
out:
	elf_end(elf);
	return rc;
}

int vs_abi_check(uint32_t major, uint32_t minor, struct vs_err *err)
{
	if (major != VPNS_ABI_MAJOR)
		return vs_err_set(err, VS_ERR_REFUSED,
			"it was built for ABI %u.%u, this host speaks %d.%d: rebuild it with the sdk of this "
			"version%s",
			(unsigned)major, (unsigned)minor, VPNS_ABI_MAJOR, VPNS_ABI_MINOR,
			major > VPNS_ABI_MAJOR ? " or upgrade vpn-sentinel" : "");
	if (minor > VPNS_ABI_MINOR)
		return vs_err_set(err, VS_ERR_REFUSED,
			"it needs ABI %u.%u, this host speaks %d.%d: upgrade vpn-sentinel, or rebuild it "
			"with "
			"VPNS_TARGET_MINOR %d",
			(unsigned)major, (unsigned)minor, VPNS_ABI_MAJOR, VPNS_ABI_MINOR, VPNS_ABI_MINOR);
	return 0;
}

int vs_note_check(const struct vs_note *note, uint32_t kind, const char *name, struct vs_err *err)
{
	int rc;

	rc = vs_abi_check(note->abi_major, note->abi_minor, err);
	if (rc < 0)
		return rc;
	if (note->kind != kind)
		return vs_err_set(err, VS_ERR_REFUSED, "it is of kind %s, not %s: move it to the folder %s/",
			vs_kind_text(note->kind), vs_kind_text(kind), vs_kind_folder(note->kind));
	if (strcmp(note->name, name) != 0)
		return vs_err_set(err, VS_ERR_REFUSED,
			"it calls itself '%s': name the file %s.so, or rebuild it with the name '%s'",
			note->name, note->name, name);
	return 0;
}
