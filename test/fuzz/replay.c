/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A fuzz target without libFuzzer: `fuzz_X FILE|DIRECTORY...` runs every input,
 * and every input cut off at each length, since parsers fail there first.
 */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Most targets have none. */
#pragma weak LLVMFuzzerInitialize

/* From memory of its exact size, so that AddressSanitizer sees the first byte read too far. */
static void
run_input(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size != 0 ? size : 1);

	if (exact == NULL)
		err(1, "malloc");
	memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(size != 0 ? exact : exact + 1, size);
	free(exact);
}

static unsigned
replay_file(const char *path)
{
	static uint8_t data[1 << 20];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (file == NULL)
		err(1, "%s", path);
	size = fread(data, 1, sizeof(data), file);
	if (ferror(file))
		err(1, "%s", path);
	fclose(file);
	for (size_t cut = 0; cut <= size && cut <= 2048; cut++)
		run_input(data, cut);
	run_input(data, size);
	return 1;
}

static unsigned
replay(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	unsigned files = 0;

	if (directory == NULL)
		return replay_file(path);
	while ((entry = readdir(directory)) != NULL) {
		char inner[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
		files += replay(inner);
	}
	closedir(directory);
	return files;
}

int
main(int argc, char **argv)
{
	unsigned files = 0;

	if (LLVMFuzzerInitialize != NULL)
		LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		files += replay(argv[i]);
	printf("%u inputs\n", files);
	if (files == 0)
		errx(1, "no input was found: nothing was tested");
	return 0;
}
