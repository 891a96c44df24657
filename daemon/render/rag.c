#include "rag.h"

#include <string.h>

/* Steps that are another body's to take. */
static bool waits_for_others(const struct limit *l)
{
    return l->kind == KIND_FLOOR || strcmp(l->id, "advice_6w") == 0 || strcmp(l->id, "consultation_15d") == 0;
}

struct rag_mark rag_mark(const struct limit *l, enum state s, bool closed)
{
    switch (s) {
    case STATE_BREACHED:
        return (struct rag_mark){RAG_RED, "delayed"};
    case STATE_MISSED:
        return (struct rag_mark){RAG_RED, "missed"};
    case STATE_AT_RISK:
        if (l != NULL && l->kind == KIND_FLOOR)
            return (struct rag_mark){RAG_PINK, "waiting"};
        return (struct rag_mark){RAG_AMBER, "at risk"};
    case STATE_ON_TRACK:
        if (l != NULL && waits_for_others(l))
            return (struct rag_mark){RAG_PINK, "waiting"};
        return (struct rag_mark){RAG_GREEN, "on track"};
    case STATE_EXCEPTED:
        return closed ? (struct rag_mark){RAG_BLUE, "complete, excepted"}
                      : (struct rag_mark){RAG_PINK, "waiting, excepted"};
    case STATE_MET:
        return (struct rag_mark){RAG_BLUE, "complete"};
    case STATE_MET_LATE:
        return (struct rag_mark){RAG_BLUE, "complete, late"};
    case STATE_VOID:
    case STATE_COUNT:
        break;
    }
    return (struct rag_mark){RAG_NONE, "not owed"};
}

const char *rag_name(enum rag r)
{
    static const char *const names[RAG_COUNT] = {"", "RED", "AMBER", "GREEN", "BLUE", "PINK"};
    return names[r];
}

const char *rag_class(enum rag r)
{
    static const char *const classes[RAG_COUNT] = {"none", "red", "amber", "green", "blue", "pink"};
    return classes[r];
}

void rag_tag(struct buf *b, struct rag_mark m)
{
    if (m.colour == RAG_NONE)
        buf_printf(b, "<strong class=\"tag tag-none\">%s</strong>", m.meaning);
    else
        buf_printf(b, "<strong class=\"tag tag-%s\">%s<span> %s</span></strong>", rag_class(m.colour),
                   rag_name(m.colour), m.meaning);
}
