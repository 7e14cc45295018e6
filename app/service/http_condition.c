/* SPDX-License-Identifier: BSD-3-Clause */
/* Conditional requests: RFC 9110 13. Of files, all of which have an entity tag and a date. */
#include "service/http_condition.h"

#include "service/http_date.h"

/*
 * The next entity tag of a list, which is cut off with what follows it: 8.8.3. A comma may be a part of
 * a tag, so that this is no list as others are.
 * @return false: no more, or what follows is none
 */
static bool
etag_next(struct http_text *list, struct http_text *tag, bool *weak)
{
	uint32_t i = 0, begin;

	while (i < list->length &&
		(list->at[i] == ' ' || list->at[i] == '\t' || list->at[i] == ','))
		i++;
	*weak = list->length - i >= 2 && list->at[i] == 'W' && list->at[i + 1] == '/';
	i += *weak ? 2 : 0;
	begin = i;
	if (i == list->length || list->at[i++] != '"')
		return false;
	while (i < list->length && list->at[i] != '"')
		i++;
	if (i == list->length)
		return false;
	i++;
	*tag = (struct http_text){ list->at + begin, i - begin };
	*list = (struct http_text){ list->at + i, list->length - i };
	return true;
}

static bool
tag_is_of(struct http_text tag, const struct http_file *file)
{
	return tag.length == strlen(file->etag) && memcmp(tag.at, file->etag, tag.length) == 0;
}

/* @param strong compare as 8.8.3.2 says: a weak one then equals none */
static bool
etags_match(struct http_text list, const struct http_file *file, bool strong)
{
	struct http_text tag;
	bool weak;

	if (http_text_equals(list, HTTP_TEXT("*")))
		return true;
	while (etag_next(&list, &tag, &weak)) {
		if (tag_is_of(tag, file) && !(strong && weak))
			return true;
	}
	return false;
}

/* @param present whether there is such a field at all */
static bool
field_matches(const struct http_request *request, enum http_field name,
	const struct http_file *file, bool *present)
{
	bool matches = false;

	*present = false;
	for (unsigned i = 0; i < request->line_count; i++) {
		if (request->lines[i].name != name)
			continue;
		*present = true;
		matches |= etags_match(request->lines[i].value, file, name == HTTP_IF_MATCH);
	}
	return matches;
}

/* A date that cannot be read is as if it were not there: 13.1.3, 13.1.4. */
static bool
date_of(const struct http_request *request, enum http_field name, uint64_t now, uint64_t *date)
{
	struct http_text value;

	return http_field_single(request, name, &value) && http_date_parse(value, now, date);
}

int
http_condition_check(const struct http_request *request, const struct http_file *file, uint64_t now)
{
	bool matches, present;
	uint64_t date;

	/* 13.2.2 (1) and (2) */
	matches = field_matches(request, HTTP_IF_MATCH, file, &present);
	if (present && !matches)
		return 412;
	if (!present && date_of(request, HTTP_IF_UNMODIFIED_SINCE, now, &date) &&
		file->modified > date)
		return 412;
	/* (3) and (4) */
	matches = field_matches(request, HTTP_IF_NONE_MATCH, file, &present);
	if (present)
		return matches ? 304 : 0;
	if (date_of(request, HTTP_IF_MODIFIED_SINCE, now, &date) && file->modified <= date)
		return 304;
	return 0;
}

bool
http_if_range_check(const struct http_request *request, const struct http_file *file, uint64_t now)
{
	struct http_text value, tag;
	bool present = false, weak;
	uint64_t date;

	for (unsigned i = 0; i < request->line_count; i++)
		present |= request->lines[i].name == HTTP_IF_RANGE;
	if (!present)
		return true;
	if (!http_field_single(request, HTTP_IF_RANGE, &value))
		return false;
	if (etag_next(&value, &tag, &weak))
		return !weak && value.length == 0 && tag_is_of(tag, file);
	return http_date_parse(value, now, &date) && date == file->modified && file->is_dated;
}
