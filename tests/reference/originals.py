#!/usr/bin/env python3
"""Reference events of DriftWatch, DelayGuard and DenialScope, computed with Python's standard library alone.

Run without arguments, it makes the claims and the events that `tests/originals.rs` compares with, beside itself:
`originals_claims.csv` and `originals_events.json`. The claims come from `random.Random(2027)`, so running it again
(written with Python 3.11) gives the same bytes.

The rules are written here from their descriptions, row by row, every floating-point operation in the order of the
products. Nothing is shared with the Rust code. Where the products called numpy and Django:
- means are the float nearest to the exact quotient, which numpy's mean of whole days and a database's average are;
- standard deviations are the population's, by math.fsum: only their last digits differ from numpy's pairwise sums;
- the normal distribution is Cephes' ndtr, from math.erf and math.erfc.
Floats are written as their repr.
"""

import csv
import hashlib
import json
import math
import random
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).parent
AS_OF = date(2026, 11, 20)
CUSTOMER = 1
ROWS = 4_800
COLUMNS = [
    "payer", "cpt_group", "submitted_date", "decided_date", "payment_date", "outcome", "allowed_amount",
    "paid_amount", "denial_reason_code", "denial_reason_text", "authorization_required",
]
# Payer: chance of denial, median dollars, days to decide, days to pay after that, authorization failures; before
# the change and after it.
PAYERS = {
    "Alder": ((0.20, 240, 9, 7, 0.05), (0.45, 240, 12, 7, 0.05)),
    "Birch": ((0.15, 300, 8, 6, 0.05), (0.15, 220, 16, 6, 0.05)),
    "Cedar": ((0.18, 180, 10, 8, 0.05), (0.18, 180, 24, 17, 0.05)),
    "Elm": ((0.22, 4, 7, 5, 0.05), (0.40, 3, 7, 5, 0.40)),
    "Fir": ((0.25, 210, 12, 9, 0.05), (0.25, 210, 17, 9, 0.05)),
    "Gum": ((0.30, 150, 15, 9, 0.05), (0.12, 190, 6, 3, 0.02)),
    "Hazel": ((0.20, 9, 12, 2, 0.05), (0.45, 7, 26, 12, 0.05)),
}
# How many claims come from each, and how many of the last week's.
USUAL = [6, 6, 6, 6, 6, 6, 2]
RECENT = [25, 3, 3, 90, 3, 3, 2]
# The windows end before each of these days.
ENDS = [AS_OF - timedelta(days=days) for days in (0, 1, 4, 9)]
GROUPS = ["Imaging", "Surgery"]


def make_claims():
    draw = random.Random(2027)
    claims = []
    for _ in range(ROWS):
        submitted = AS_OF - timedelta(days=draw.choice([draw.randint(1, 118), draw.randint(1, 21)]))
        is_late = submitted >= AS_OF - timedelta(days=32)
        is_recent = submitted >= AS_OF - timedelta(days=7)
        payer = draw.choices(list(PAYERS), RECENT if is_recent else USUAL)[0]
        denial, dollars, decide, pay, auth = PAYERS[payer][is_late]
        needs = draw.random() < 0.45
        fails = needs and draw.random() < auth
        decided = submitted + timedelta(days=max(0, round(draw.gauss(decide, 3))))
        chance = draw.random()
        outcome = "DENIED" if fails or chance < denial else "OTHER" if chance > 0.97 else "PAID"
        allowed = Decimal(round(dollars * 100 * draw.uniform(0.6, 1.4))) / 100
        claim = dict.fromkeys(COLUMNS, "")
        claim.update(payer=payer, cpt_group=draw.choice(GROUPS), submitted_date=submitted, outcome=outcome)
        claim["authorization_required"] = "true" if needs else "false"
        # Undecided claims have no day; a few more with payer Fir, so that completeness suffers.
        if draw.random() > (0.35 if payer == "Fir" and is_late else 0.01):
            claim["decided_date"] = decided
        if draw.random() > 0.03 and not (payer == "Elm" and outcome == "DENIED"):
            claim["allowed_amount"] = allowed
        if outcome == "PAID":
            claim["paid_amount"] = (allowed * Decimal("0.8")).quantize(Decimal("0.01"))
        if outcome == "PAID" and draw.random() > 0.04 or outcome == "OTHER" and draw.random() < 0.3:
            claim["payment_date"] = decided + timedelta(days=max(0, round(draw.gauss(pay, 3))))
        if outcome == "DENIED":
            reasons = ["CO-16", "CO-45", "CO-97"] + (["CO-999"] * 2 if is_recent else [])
            reason = draw.choice(reasons)
            form = draw.random()
            if fails:
                code, text = ("NO-AUTH-1", "") if form < 0.5 else ("", "Authorization missing")
            elif form < 0.75:
                code, text = reason, "Some reason"
            elif form < 0.9:
                code, text = "", f"Text of {reason}"
            else:
                code, text = "", ""
            claim["denial_reason_code"], claim["denial_reason_text"] = code, text
        claims.append({name: str(value) for name, value in claim.items()})
    return claims


def parsed(row):
    day = lambda text: date.fromisoformat(text) if text else None
    money = lambda text: Decimal(text) if text else None
    return {
        "payer": row["payer"], "cpt_group": row["cpt_group"], "outcome": row["outcome"],
        "submitted": day(row["submitted_date"]), "decided": day(row["decided_date"]),
        "paid_on": day(row["payment_date"]), "allowed": money(row["allowed_amount"]),
        "paid": money(row["paid_amount"]), "code": row["denial_reason_code"], "text": row["denial_reason_text"],
        "auth": row["authorization_required"] == "true",
    }


def windows_before(end, baseline_days, current_days):
    split = end - timedelta(days=current_days)
    return (split - timedelta(days=baseline_days), split), (split, end)


def within(claims, key, window):
    return [claim for claim in claims if claim[key] is not None and window[0] <= claim[key] < window[1]]


def mean(values):
    """The float nearest to the exact mean; None without values."""
    values = list(values)
    return float(sum(map(Fraction, values), Fraction()) / len(values)) if values else None


def population_std(values):
    values = [float(value) for value in values]
    middle = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / len(values))


def event(segment, drift_type, windows, **numbers):
    (start, split), (_, end) = windows
    texts = {name: repr(value) if isinstance(value, float) else value for name, value in numbers.items()}
    days = {"baseline_start": start, "baseline_end": split, "current_start": split, "current_end": end}
    return {"segment": segment, "drift_type": drift_type, **{k: str(v) for k, v in days.items()}, **texts}


# --- DriftWatch ------------------------------------------------------------------------------------------------------


def sev(delta, threshold):
    if delta <= threshold:
        return max(0.0, delta / threshold * 0.5)
    return min(0.5 + 0.5 * min((delta - threshold) / threshold, 2.0) / 2.0, 1.0)


def ndtr(z):
    scaled = z * math.sqrt(0.5)
    if abs(scaled) < math.sqrt(0.5):
        return 0.5 + 0.5 * math.erf(scaled)
    tail = 0.5 * math.erfc(abs(scaled))
    return 1.0 - tail if scaled > 0 else tail


def prop_conf(x1, n1, x2, n2):
    p1, p2, p = x1 / n1, x2 / n2, (x1 + x2) / (n1 + n2)
    se = math.sqrt(p * (1 - p) * (1 / n1 + 1 / n2))
    if se == 0:
        return 0.5, 1.0
    p_value = 2 * (1 - ndtr(abs(p2 - p1) / se))
    confidence = min((n1 + n2) / 100, 1.0)
    return (min(confidence + 0.2, 1.0) if p_value < 0.05 else confidence), p_value


def cont_conf(n1, s1, n2, s2):
    confidence = min((n1 + n2) / 100, 0.9)
    return min(confidence + 0.1, 1.0) if s1 and s2 and (s1 + s2) / 2 < 10 else confidence


def label(severity):
    return "critical" if severity >= 0.7 else "medium" if severity >= 0.4 else "low"


def urgency(severity, delta):
    if severity >= 0.7 or abs(delta) >= 0.10:
        return "Investigate Today"
    return "Review This Week" if severity >= 0.4 or abs(delta) >= 0.05 else "Monitor for Trend"


def driftwatch(claims, end, least):
    windows = windows_before(end, 76, 14)
    segments = defaultdict(lambda: ([], []))
    for place, window in enumerate(windows):
        for claim in within(claims, "decided", window):
            segments[claim["payer"], claim["cpt_group"]][place].append(claim)
    for segment, both in sorted(segments.items()):
        for found in sorted(filter(None, driftwatch_signals(*both, least)), key=lambda found: found["drift_type"]):
            severity, delta = found["severity"], found["delta_value"]
            words = {"severity_label": label(severity), "urgency": urgency(severity, delta)}
            yield event(segment, windows=windows, **words, **found)


def driftwatch_signals(b, c, min_sample):
    allowed = lambda claims: mean(claim["allowed"] for claim in claims if claim["allowed"] is not None)
    rates = lambda hit, b, c: (sum(map(hit, b)), len(b), sum(map(hit, c)), len(c))
    enough = lambda b, c: min(len(b), len(c)) >= min_sample
    paid = lambda claim: claim["outcome"] == "PAID"

    def rate_event(drift_type, hit, b, c, least, sign, threshold, impact):
        if not enough(b, c):
            return None
        x1, n1, x2, n2 = rates(hit, b, c)
        br, cr = x1 / n1, x2 / n2
        delta = cr - br if sign > 0 else br - cr
        if delta < least:
            return None
        confidence, p_value = prop_conf(x1, n1, x2, n2)
        return dict(
            drift_type=drift_type, baseline_value=br, current_value=cr, delta_value=sign * delta,
            severity=sev(delta, threshold(br)), confidence=confidence, p_value=p_value, baseline_n=n1, current_n=n2,
            impact_dollars=impact(delta, x2, n2), baseline_deviation=None,
        )

    def mean_event(drift_type, n, values, delta, severity, impact=None):
        (v1, v2), (n1, n2) = values, n
        s1, s2 = population_std(v1), population_std(v2)
        return dict(
            drift_type=drift_type, baseline_value=mean(v1), current_value=mean(v2), delta_value=delta,
            severity=severity, confidence=cont_conf(n1, s1, n2, s2), p_value=None, baseline_n=n1, current_n=n2,
            impact_dollars=impact, baseline_deviation=s1,
        )

    denied = lambda claim: claim["outcome"] == "DENIED"
    yield rate_event(
        "DENIAL_RATE", denied, b, c, 0.05, 1, lambda br: br, lambda delta, x, n: delta * n * allowed(c),
    )
    yield rate_event("APPROVAL_RATE", paid, b, c, 0.05, -1, lambda br: 0.05, lambda *_: None)
    failed = lambda claim: denied(claim) and (
        "auth" in claim["code"].lower() or "authorization" in claim["text"].lower()
    )
    ab, ac = ([claim for claim in claims if claim["auth"]] for claims in (b, c))
    yield rate_event(
        "AUTH_FAILURE_RATE", failed, ab, ac, 0.10, 1, lambda br: 0.1, lambda delta, x, n: x * allowed(ac),
    )
    allowed_on = lambda claims: [claim["allowed"] for claim in claims if claim["allowed"] is not None]
    amounts = [allowed_on(filter(paid, claims)) for claims in (b, c)]
    if enough(*amounts) and mean(amounts[0]) != 0:
        avg_b, avg_c = map(mean, amounts)
        drop = (avg_b - avg_c) / avg_b
        if drop >= 0.05:
            n = [len(values) for values in amounts]
            yield mean_event("PAYMENT_AMOUNT", n, amounts, avg_b - avg_c, sev(drop, 0.05), drop * avg_b * n[1])
    paid_rows = [[claim for claim in filter(paid, claims) if claim["paid_on"]] for claims in (b, c)]
    if enough(*paid_rows):
        paid_on = [[claim for claim in claims if claim["paid_on"]] for claims in (b, c)]
        days = [[(claim["paid_on"] - claim["submitted"]).days for claim in claims] for claims in paid_on]
        delta = mean(days[1]) - mean(days[0])
        if delta >= 7:
            n = [len(rows) for rows in paid_rows]
            impact = (delta / 365) * mean(claim["paid"] for claim in filter(paid, c)) * n[1]
            yield mean_event("PROCESSING_DELAY", n, days, delta, sev(delta / 30, 0.2), impact)
    days = [[(claim["decided"] - claim["submitted"]).days for claim in claims] for claims in (b, c)]
    if enough(*days):
        delta = mean(days[1]) - mean(days[0])
        if delta >= 5:
            yield mean_event("DECISION_TIME", [len(values) for values in days], days, delta, sev(delta / 30, 0.2))


# --- DelayGuard ------------------------------------------------------------------------------------------------------

def delayguard(claims, end, least):
    windows = windows_before(end, 60, 14)
    daily = defaultdict(lambda: defaultdict(lambda: [0, 0, 0, Decimal(0)]))
    for claim in within(claims, "submitted", (windows[0][0], end)):
        day = daily[claim["payer"]][claim["submitted"]]
        day[0] += 1
        if claim["decided"]:
            day[1] += 1
            day[2] += (claim["decided"] - claim["submitted"]).days
            day[3] += claim["allowed"] or 0
    for payer, days in sorted(daily.items()):
        b, c = ([day for when, day in sorted(days.items()) if start <= when < stop] for start, stop in windows)
        n_b, n_c = (sum(day[1] for day in days) for days in (b, c))
        if min(n_b, n_c) < least:
            continue
        avg_b, avg_c = (sum(day[2] for day in days) / n for days, n in ((b, n_b), (c, n_c)))
        delta = avg_c - avg_b
        if delta <= 0:
            continue
        total = 0.0
        for day in c:
            total += day[1] / day[0]
        completeness = total / len(c)
        confidence = 0.7 * min(1.0, (n_c + n_b) / (4 * least)) + 0.3 * min(1.0, completeness / 0.8)
        grades = [(10, 0.75, "critical"), (7, 0.65, "high"), (4, 0.55, "medium")]
        grade = next((name for days, conf, name in grades if delta >= days and confidence >= conf), "low")
        if grade == "low" and delta < 2:
            continue
        dollars = sum(day[3] for day in c) / len(c) * Decimal(str(delta))
        key = f"{CUSTOMER}:{payer}:{windows[1][0]}:{windows[1][1]}:payment_delay_drift"
        warning = f"Low date completeness ({completeness * 100:.1f}%)" if completeness < 0.8 else ""
        yield event(
            [payer], "PAYMENT_DELAY_DRIFT", windows, baseline_value=avg_b, current_value=avg_c, delta_value=delta,
            confidence=confidence, baseline_n=n_b, current_n=n_c, severity_label=grade,
            impact_dollars=float(dollars.quantize(Decimal("0.01"), ROUND_HALF_EVEN)),
            fingerprint=hashlib.sha256(key.encode()).hexdigest()[:32], warning=warning,
            percent=f"{(delta / avg_b * 100 if avg_b > 0 else 0):+.1f} %",
            is_alert=not (grade == "low" and confidence < 0.5),
        )


# --- DenialScope -----------------------------------------------------------------------------------------------------

def denialscope(claims, end, least):
    windows = windows_before(end, 21, 7)
    keys = defaultdict(lambda: ([0, 0, Decimal(0)], [0, 0, Decimal(0)]))
    for place, window in enumerate(windows):
        for claim in within(claims, "submitted", window):
            reason = claim["code"] or claim["text"] or "DENIED"
            counts = keys[claim["payer"], reason][place]
            counts[0] += 1
            if claim["outcome"] == "DENIED":
                counts[1] += 1
                counts[2] += claim["allowed"] or 0
    for key, (b, c) in sorted(keys.items()):
        found = []
        if b[0] == 0:
            if c[1] >= least:
                found.append(("NEW_DENIAL_REASON", float(b[1]), float(c[1]), "high", 0.8, (b[1], c[1])))
        else:
            recent, base = float(c[2]), float(b[2])
            name = "DENIAL_DOLLARS_SPIKE"
            if not (recent > 0 and base > 0):
                recent, base, name = float(c[1]), float(b[1]), "DENIAL_VOLUME_SPIKE"
            if min(recent, base) >= least and (recent - base) / base >= 0.5:
                confidence = min((recent + base) / (4 * least), 1.0)
                found.append((name, base, recent, grade_of((recent - base) / base), confidence, (b[1], c[1])))
            if min(b[0], c[0]) >= least:
                br, cr = b[1] / b[0], c[1] / c[0]
                if cr - br >= 0.05 or (br > 0 and (cr - br) / br >= 0.5):
                    confidence = min((c[0] + b[0]) / (4 * least), 1.0)
                    found.append(("DENIAL_RATE_SPIKE", br, cr, grade_of(cr - br), confidence, (b[0], c[0])))
        for name, before, now, grade, confidence, (n_b, n_c) in found:
            yield event(
                key, name, windows, baseline_value=before, current_value=now, delta_value=now - before,
                confidence=confidence, baseline_n=n_b, current_n=n_c, severity_label=grade,
            )


def grade_of(ratio):
    return "critical" if ratio >= 1 else "high" if ratio >= 0.75 else "medium" if ratio >= 0.5 else "low"


def main():
    claims = make_claims()
    with open(HERE / "originals_claims.csv", "w", encoding="utf-8", newline="") as file:
        file.write("# Synthetic claims made by originals.py beside this file: random.Random(2027), no real data.\n")
        writer = csv.DictWriter(file, COLUMNS, delimiter="|", lineterminator="\n")
        writer.writeheader()
        writer.writerows(claims)
    rows = [parsed(claim) for claim in claims]
    detectors = [
        ("driftwatch-compat", driftwatch, 20), ("delayguard", delayguard, 10), ("denialscope-compat", denialscope, 10),
    ]
    runs = []
    for name, detect, own in detectors:
        # The products' own minimum, and a smaller and a larger one.
        for end, least in [(end, own) for end in ENDS] + [(AS_OF, own * 2 // 5), (AS_OF, own * 4)]:
            events = list(detect(rows, end, least))
            runs.append({"detector": name, "as_of": str(end), "min_volume": least, "events": events})
    document = {"claims": len(rows), "runs": runs}
    text = json.dumps(document, indent=1, default=list) + "\n"
    (HERE / "originals_events.json").write_text(text, encoding="utf-8")
    kinds = Counter((run["detector"], one["drift_type"]) for run in runs for one in run["events"])
    for kind, count in sorted(kinds.items()):
        print(*kind, count)


if __name__ == "__main__":
    main()
