#!/usr/bin/env python3
"""Draw Palpate's anatomical plates.

    python3 content/figures/_draw/plates.py              write every plate
    python3 content/figures/_draw/plates.py rotator-cuff write one

Plain Python, standard library only. Each plate is a function at the end of this file; it lays shapes down from the deepest
to the most superficial, every shape covering what lies under it with paper. The engraved look comes from `Plate.muscle`:
fibre lines are interpolated between two or more *rails* (edges of a muscle), stand closer together towards the sides, as on a
cylinder seen from in front, and break off where light falls.

The SVG holds no colour. It uses the site's classes only: m-body (paper fill), m-fib and m-dark (fine lines), m-edge (outline),
skin, bone, avoid (dotted zone), lead (leaders), ori (words of orientation); inside g.art, g.vein, g.nrv the first four change
their meaning to artery, vein and nerve. A fixed seed per plate makes the output the same on every run.
"""

import math
import random
import re
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent
LIMIT = 45 * 1024


# ---------------------------------------------------------------- points and curves


def P(text):
    """'10,20 30,40' -> [(10, 20), (30, 40)]"""
    return [tuple(float(v) for v in pair.split(",")) for pair in text.split()]


def lerp(a, b, t):
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t)


def dist(a, b):
    return math.hypot(a[0] - b[0], a[1] - b[1])


def mirror(points, x):
    return [(2 * x - px, py) for px, py in points]


def smooth(points, per=10):
    """Dense samples of a Catmull-Rom spline through the points (an open curve)."""
    if len(points) < 3:
        return [lerp(points[0], points[-1], i / per) for i in range(per + 1)]
    p = [points[0]] + list(points) + [points[-1]]
    out = []
    for i in range(1, len(p) - 2):
        a, b, c, d = p[i - 1], p[i], p[i + 1], p[i + 2]
        for k in range(per):
            t = k / per
            out.append(
                tuple(
                    0.5
                    * (
                        2 * b[j]
                        + (c[j] - a[j]) * t
                        + (2 * a[j] - 5 * b[j] + 4 * c[j] - d[j]) * t * t
                        + (3 * b[j] - a[j] - 3 * c[j] + d[j]) * t**3
                    )
                    for j in (0, 1)
                )
            )
    out.append(points[-1])
    return out


def curve(line):
    return smooth(P(line) if isinstance(line, str) else line)


def smooth_closed(points, per=10):
    n = len(points)
    dense = smooth([points[-2], points[-1]] + list(points) + [points[0], points[1]], per)
    return dense[2 * per : (n + 2) * per + 1]


def even(poly, n):
    """n + 1 points at even distances along a polyline."""
    acc = [0.0]
    for a, b in zip(poly, poly[1:]):
        acc.append(acc[-1] + dist(a, b))
    total, out, j = acc[-1] or 1, [], 0
    for i in range(n + 1):
        want = total * i / n
        while j < len(acc) - 2 and acc[j + 1] < want:
            j += 1
        seg = acc[j + 1] - acc[j] or 1
        out.append(lerp(poly[j], poly[j + 1], (want - acc[j]) / seg))
    return out


def length(poly):
    return sum(dist(a, b) for a, b in zip(poly, poly[1:]))


def inside(pt, poly):
    x, y = pt
    hit = False
    for (x1, y1), (x2, y2) in zip(poly, poly[1:] + poly[:1]):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            hit = not hit
    return hit


def thin(poly, tol=0.35):
    """Douglas-Peucker: the same outline with fewer points."""
    if len(poly) < 3:
        return list(poly)
    a, b = poly[0], poly[-1]
    base = dist(a, b)
    far, at = 0, 0
    for i in range(1, len(poly) - 1):
        q = poly[i]
        d = (
            abs((b[0] - a[0]) * (a[1] - q[1]) - (a[0] - q[0]) * (b[1] - a[1])) / base
            if base > 0.1
            else dist(a, q)
        )
        if d > far:
            far, at = d, i
    if far <= tol:
        return [a, b]
    return thin(poly[: at + 1], tol)[:-1] + thin(poly[at:], tol)


def visible(poly, covers):
    """The parts of a line that no cover hides (each runs one sample on, under the cover's edge)."""
    pts = even(poly, max(6, min(60, int(length(poly) / 4)))) if length(poly) > 2 else list(poly)
    shown = []
    for x, y in pts:
        shown.append(
            not any(
                x0 < x < x1 and y0 < y < y1 and inside((x, y), c) for x0, x1, y0, y1, c in covers
            )
        )
    if all(shown):
        return [poly]
    runs, cur = [], []
    for i, q in enumerate(pts):
        if shown[i]:
            if not cur and i:
                cur.append(pts[i - 1])
            cur.append(q)
        elif cur:
            runs.append(cur + [q])
            cur = []
    if cur:
        runs.append(cur)
    return [r for r in runs if len(r) > 1]


# ---------------------------------------------------------------- compact path data


def num(tenths):
    """An integer number of tenths, as short as SVG allows: -5 -> '-.5'."""
    sign, tenths = ("-" if tenths < 0 else ""), abs(int(tenths))
    whole, frac = divmod(tenths, 10)
    return sign + (f"{whole or ''}.{frac}" if frac else str(whole))


def join(values):
    out = ""
    for v in values:
        s = num(v)
        out += s if not out or s[0] == "-" else " " + s
    return out


def bezier(knots, close=False):
    """Relative cubic path through the knots (Catmull-Rom tangents); rounding errors do not add up."""
    r = lambda v: int(round(v * 10))
    n = len(knots)
    x, y = r(knots[0][0]), r(knots[0][1])
    d = "M" + join((x, y))
    if n == 2 and not close:
        return d + "l" + join((r(knots[1][0]) - x, r(knots[1][1]) - y))
    d += "c"
    for i in range(n if close else n - 1):
        g = (lambda k: knots[k % n]) if close else (lambda k: knots[min(max(k, 0), n - 1)])
        a, b, c, e = g(i - 1), g(i), g(i + 1), g(i + 2)
        c1 = (b[0] + (c[0] - a[0]) / 6, b[1] + (c[1] - a[1]) / 6)
        c2 = (c[0] - (e[0] - b[0]) / 6, c[1] - (e[1] - b[1]) / 6)
        vals = []
        for q in (c1, c2, c) if i == 0 else (c2, c):
            vals += [r(q[0]) - x, r(q[1]) - y]
        s = join(vals)
        d += ("s" if i == 1 else "") + (
            s if i < 2 or s[0] == "-" else " " + s
        )  # s: the first control point mirrors the last one
        x, y = x + vals[-2], y + vals[-1]
    return d + ("z" if close else "")


def fit(poly, tol=0.6, least=1, most=44):
    """A smooth path along a dense polyline with as few knots as keep within tol of it."""
    if len(poly) == 2:
        return (
            bezier(poly)
            if dist(*poly) > 0.1
            else "M" + join((round(poly[0][0] * 10), round(poly[0][1] * 10))) + "h0"
        )
    ref = even(poly, 60)
    for k in range(least, most):
        knots = even(poly, k)
        trial = even(smooth(knots, 6), 60)
        if max(dist(a, b) for a, b in zip(ref, trial)) <= tol:
            break
    return bezier(knots)


def chain(points):
    """Dots, each reached from the nearest one before it, which keeps the numbers short."""
    if not points:
        return ""
    todo = [(round(x * 10), round(y * 10)) for x, y in points]
    here = todo.pop(0)
    d = "M" + join(here) + "h0"
    while todo:
        k = min(
            range(len(todo)), key=lambda i: abs(todo[i][0] - here[0]) + abs(todo[i][1] - here[1])
        )
        q = todo.pop(k)
        d += "m" + join((q[0] - here[0], q[1] - here[1])) + "h0"
        here = q
    return d


def straight(points, close=False):
    r = lambda v: int(round(v * 10))
    x, y = r(points[0][0]), r(points[0][1])
    d = "M" + join((x, y)) + "l"
    first = True
    for q in points[1:]:
        s = join((r(q[0]) - x, r(q[1]) - y))
        d += s if first or s[0] == "-" else " " + s
        first = False
        x, y = r(q[0]), r(q[1])
    return d + ("z" if close else "")


# ---------------------------------------------------------------- the sheet of paper


class Rails:
    """A surface spanned between rails: at(t, s) with t across (0..1) and s along (0..1)."""

    def __init__(self, *rails):
        self.rails = [even(smooth(P(r) if isinstance(r, str) else r), 48) for r in rails]

    def at(self, t, s):
        m = len(self.rails) - 1
        u = min(max(t, 0), 1) * m
        i = min(int(u), m - 1)
        f = min(max(s, 0), 1) * 48
        j = min(int(f), 47)
        q = [lerp(r[j], r[j + 1], f - j) for r in self.rails[max(i - 1, 0) : i + 3]]
        k, w = (1 if i else 0), u - i  # the rail before the gap within q, and how far into the gap
        if m == 1:
            return lerp(q[0], q[1], w)
        first = q[0] if i else tuple(2 * q[0][c] - q[1][c] for c in (0, 1))
        last = q[k + 2] if len(q) > k + 2 else tuple(2 * q[k + 1][c] - q[k][c] for c in (0, 1))
        a, b, c, d = first, q[k], q[k + 1], last
        return tuple(
            0.5
            * (
                2 * b[z]
                + (c[z] - a[z]) * w
                + (2 * a[z] - 5 * b[z] + 4 * c[z] - d[z]) * w * w
                + (3 * b[z] - a[z] - 3 * c[z] + d[z]) * w**3
            )
            for z in (0, 1)
        )

    def line(self, t, s0=0, s1=1, k=14):
        return [self.at(t, s0 + (s1 - s0) * i / k) for i in range(k + 1)]

    def outline(self):
        ring = self.line(0, k=24)
        ring += [self.at(i / 8, 1) for i in range(1, 8)]
        ring += self.line(1, 1, 0, k=24)
        return ring + [self.at(i / 8, 0) for i in range(7, 0, -1)]


class Plate:
    def __init__(self, name, w, h, title, desc):
        self.name, self.w, self.h, self.title, self.desc = name, w, h, title, desc
        self.parts, self.over, self.leads = [], [], []
        self.rnd = random.Random(name)

    # -- elements: kept as geometry until svg(), so that lines hidden by later shapes can be left out
    def add(self, s):
        self.parts.append(("raw", s))

    def path(self, cls, d):
        if d:
            self.add(f'<path class="{cls}" d="{d}"/>')

    def cover(self, poly, cls="m-body", d=None):
        """A filled shape; it hides what was drawn before."""
        self.parts.append(("cover", cls, poly, d or straight(thin(poly, 0.5), True)))

    def lines(self, cls, polys, tol=0.5):
        polys = [q for q in polys if len(q) > 1]
        if polys:
            self.parts.append(("lines", cls, polys, tol))

    def group(self, cls):
        self.add(f'<g class="{cls}">')

    def end(self):
        self.add("</g>")

    def render(self):
        out, covers = [], []
        for part in reversed(self.parts):
            if part[0] == "raw":
                out.append(part[1])
            elif part[0] == "cover":
                _, cls, poly, d = part
                if all(
                    any(
                        x0 < x < x1 and y0 < y < y1 and inside((x, y), c)
                        for x0, x1, y0, y1, c in covers
                    )
                    for x, y in even(poly + poly[:1], 40)
                ):
                    continue
                out.append(f'<path class="{cls}" d="{d}"/>')
                xs, ys = [q[0] for q in poly], [q[1] for q in poly]
                covers.append((min(xs), max(xs), min(ys), max(ys), poly))
            else:
                _, cls, polys, tol = part
                if tol is None:  # dots
                    d = chain([q[0] for q in polys if visible(q, covers)])
                else:
                    d = "".join(fit(v, tol) for q in polys for v in visible(q, covers))
                if d:
                    out.append(f'<path class="{cls}" d="{d}"/>')
        return [s for s in reversed(out)]

    # -- muscle
    def muscle(
        self,
        *rails,
        n=24,
        round_=0.55,
        start=(0, 0.01),
        stop=(0, 0.01),
        gaps=0.35,
        light=0.38,
        dark=(),
        edges="lr",
        body=True,
        wob=0.25,
    ):
        """A muscle belly between rails.

        n: fibres. round_: 0 even spacing, 1 as on a cylinder. start, stop: (offset, jitter) where fibres begin and end, as a
        share of the length; a large jitter lets the muscle fade. gaps: chance of a broken line, greatest where light falls.
        dark: patches of finer shading (t0, t1, s0, s1, count). edges: l, r (first and last rail), s, e (ends).
        """
        R, rnd = Rails(*rails), self.rnd
        if body:
            self.cover(R.outline())
        fib = []
        for i in range(n):
            u = (i + 0.5) / n
            t = (1 - round_) * u + round_ * (1 - math.cos(math.pi * u)) / 2
            t += rnd.uniform(-wob, wob) / n
            s0 = start[0] + rnd.random() * start[1]
            s1 = 1 - stop[0] - rnd.random() * stop[1]
            if s1 - s0 < 0.05:
                continue
            bright = max(0, 1 - abs(t - light) / 0.45)
            if rnd.random() < gaps * (0.35 + bright):
                mid = rnd.uniform(0.25, 0.75)
                half = rnd.uniform(0.02, 0.05 + 0.06 * bright)
                spans = [(s0, mid - half), (mid + half, s1)]
            else:
                spans = [(s0, s1)]
            for a, b in spans:
                if b - a > 0.04:
                    fib.append(R.line(t, a, b))
        self.lines("m-fib", fib, 1.3)
        self.shade(R, dark)
        ed = []
        if "l" in edges:
            ed.append(R.line(0, k=30))
        if "r" in edges:
            ed.append(R.line(1, k=30))
        if "s" in edges:
            ed.append([R.at(i / 16, 0) for i in range(17)])
        if "e" in edges:
            ed.append([R.at(i / 16, 1) for i in range(17)])
        self.lines("m-edge", ed, 0.35)
        return R

    def shade(self, R, patches):
        """Short strokes along the fibres; t0 is the dark side of the patch, it thins out towards t1."""
        out = []
        for t0, t1, s0, s1, count in patches:
            for _ in range(count):
                t = t0 + (t1 - t0) * self.rnd.random() ** 1.7
                ln = (s1 - s0) * self.rnd.uniform(0.2, 0.5)
                a = self.rnd.uniform(s0, s1 - ln)
                out.append(R.line(t, a, a + ln, 6))
        self.lines("m-dark", out, 1.3)

    # -- tubes: vessels and nerves
    def tube(self, cls, points, w0, w1=None, lines=1, group=True):
        """A vessel or nerve along points; w0, w1 half widths at the start and end."""
        w1 = w0 if w1 is None else w1
        mid = even(smooth(P(points) if isinstance(points, str) else points), 24)
        left, right = [], []
        for i, p in enumerate(mid):
            a, b = mid[max(i - 1, 0)], mid[min(i + 1, 24)]
            d = dist(a, b) or 1
            nx, ny = (a[1] - b[1]) / d, (b[0] - a[0]) / d
            w = w0 + (w1 - w0) * i / 24
            left.append((p[0] + nx * w, p[1] + ny * w))
            right.append((p[0] - nx * w, p[1] - ny * w))
        if group:
            self.group(cls)
        self.cover(even(left, 12) + even(right, 12)[::-1])
        inner = []
        for i in range(lines):
            t = (i + 1) / (lines + 1)
            inner.append([lerp(a, b, t) for a, b in zip(left, right)])
        self.lines("m-fib", inner, 0.5)
        self.lines("m-edge", [left, right], 0.35)
        if group:
            self.end()

    def thread(self, *lines, cls="nrv"):
        """A fine nerve: one broken line each."""
        self.group(cls)
        self.lines("m-fib", [curve(l) for l in lines], 0.5)
        self.end()

    # -- bone, skin, shading by strokes and dots
    def bone(self, points, close=True, stipple=0, depth=9, side=None):
        pts = P(points) if isinstance(points, str) else points
        dense = smooth_closed(pts, 8) if close else smooth(pts, 8)
        if close:
            self.cover(dense, "bone", bezier(pts, True))
        else:
            self.lines("bone", [dense], 0.35)
        if stipple:
            self.dots(dense, stipple, depth, side)
        return dense

    def dots(self, poly, count, depth, side=None):
        """Dots along the inner side of an outline; side: an (x, y) direction from which the shadow comes, None for all."""
        rnd, out, tries = self.rnd, [], 0
        while len(out) < count and tries < count * 60:
            tries += 1
            q = rnd.choice(poly)
            r = depth * rnd.random() ** 1.6 + 1.2
            ang = rnd.uniform(0, 2 * math.pi)
            pt = (q[0] + r * math.cos(ang), q[1] + r * math.sin(ang))
            if not inside(pt, poly):
                continue
            if side:
                cx = sum(p[0] for p in poly) / len(poly)
                cy = sum(p[1] for p in poly) / len(poly)
                if (q[0] - cx) * side[0] + (q[1] - cy) * side[1] < 0:
                    continue
            out.append([pt, pt])
        self.lines("m-dark", out, None)

    def hatch(self, points, vec, spacing=3, jitter=0.5, taper=True, bend=0):
        """Short strokes from a curve in the direction vec (shadow beside an edge), tapering towards both ends."""
        line = smooth(P(points) if isinstance(points, str) else points)
        n = max(2, round(length(line) / spacing))
        out = []
        for i, p in enumerate(even(line, n)):
            f = (max(0, math.sin(math.pi * i / n)) ** 0.6 if taper else 1) * (
                1 - jitter * self.rnd.random()
            )
            if f > 0.12:
                q = (p[0] + vec[0] * f, p[1] + vec[1] * f)
                if bend:
                    m = lerp(p, q, 0.5)
                    out.append(
                        smooth([p, (m[0] - vec[1] * bend * f, m[1] + vec[0] * bend * f), q], 4)
                    )
                else:
                    out.append([p, q])
        self.lines("m-dark", out, 0.4)

    def skin(self, *lines):
        self.lines("skin", [curve(l) for l in lines], 0.3)

    def edge(self, *lines):
        self.lines("m-edge", [curve(l) for l in lines], 0.4)

    def fine(self, *lines, cls="m-dark"):
        self.lines(cls, [curve(l) for l in lines], 0.4)

    def avoid(self, points):
        self.add(
            f'<path class="avoid" d="{bezier(P(points) if isinstance(points, str) else points, True)}"/>'
        )

    def ribbon(self, points, widths, head=20, lines=4):
        """A stroke of the hand: a ribbon as wide as the hand is heavy, with an arrowhead at its end."""
        mid = even(curve(points), 60)
        cut = int(60 * (1 - head / length(mid)))
        left, right = [], []
        for i in range(cut + 1):
            a, b = mid[max(i - 1, 0)], mid[i + 1]
            d = dist(a, b) or 1
            nx, ny = (a[1] - b[1]) / d, (b[0] - a[0]) / d
            u = i / cut * (len(widths) - 1)
            k = min(int(u), len(widths) - 2)
            f = u - k
            w = (widths[k] + (widths[k + 1] - widths[k]) * (3 * f * f - 2 * f**3)) / 2
            left.append((mid[i][0] + nx * w, mid[i][1] + ny * w))
            right.append((mid[i][0] - nx * w, mid[i][1] - ny * w))
        a, b = mid[cut - 2], mid[cut]
        d = dist(a, b)
        ux, uy = (b[0] - a[0]) / d, (b[1] - a[1]) / d
        hw, back = widths[-1] * 1.15, head * 0.18
        tip = [
            (b[0] - ux * back - uy * hw, b[1] - uy * back + ux * hw),
            mid[60],
            (b[0] - ux * back + uy * hw, b[1] - uy * back - ux * hw),
        ]
        ring = left + tip + right[::-1]
        self.cover(ring, "m-body m-edge", straight(thin(ring, 0.12), True))
        for k in range(lines):
            run = []
            for l, r in list(zip(left, right))[3:-2] + [((0, 0), (0, 0))]:
                if dist(l, r) > 7.5:
                    run.append(lerp(l, r, (k + 1) / (lines + 1)))
                elif run:
                    self.lines("m-fib", [run], 0.5)
                    run = []

    # -- words and leaders
    def ori(self, *words):
        """(x, y, anchor, text)"""
        self.over.append(
            '<g class="ori">'
            + "".join(f'<text x="{x}" y="{y}" text-anchor="{a}">{t}</text>' for x, y, a, t in words)
            + "</g>"
        )

    def lead(self, n, side, y, x2, y2=None):
        """A numbered leader from the side margin to a point."""
        y2 = y if y2 is None else y2
        x1, tx = (26, 13) if side == "l" else (self.w - 26, self.w - 13)
        self.leads.append((n, x1, y, x2, y2, tx))

    def check_leads(self):
        """Leaders never cross and their numbers keep apart."""

        def side(a, b, c):
            return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

        for i, a in enumerate(self.leads):
            for b in self.leads[i + 1 :]:
                p, q, r, s = (a[1], a[2]), (a[3], a[4]), (b[1], b[2]), (b[3], b[4])
                if side(p, q, r) * side(p, q, s) < 0 and side(r, s, p) * side(r, s, q) < 0:
                    raise SystemExit(f"{self.name}: leaders {a[0]} and {b[0]} cross")
                if a[5] == b[5] and abs(a[2] - b[2]) < 20:
                    raise SystemExit(f"{self.name}: numbers {a[0]} and {b[0]} stand too close")

    def svg(self):
        self.check_leads()
        lead = []
        for n, x1, y1, x2, y2, tx in sorted(self.leads):
            d = dist((x1, y1), (x2, y2))
            nx, ny = -(y2 - y1) / d * 1.7, (x2 - x1) / d * 1.7
            halo = straight(
                [(x1 + nx, y1 + ny), (x2 + nx, y2 + ny), (x2 - nx, y2 - ny), (x1 - nx, y1 - ny)],
                True,
            )
            line = straight([(x1, y1), (x2, y2)])
            lead.append(f'<path class="m-body lead" d="{halo}"/>')
            lead.append(
                f'<g class="lead"><path d="{line}"/><circle cx="{x2}" cy="{y2}" r="2.4"/>'
                f'<text x="{tx}" y="{y1 + 5.5}" text-anchor="middle">{n}</text></g>'
            )
        i = self.name
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.w} {self.h}" class="fig" role="img" '
            f'aria-labelledby="{i}-t {i}-d" fill="none" stroke-linecap="round" stroke-linejoin="round">'
            f'<title id="{i}-t">{self.title}</title><desc id="{i}-d">{self.desc}</desc>\n'
            + "\n".join(self.render() + self.over + lead)
            + "\n</svg>\n"
        )


# ---------------------------------------------------------------- the plates


def popliteal_fossa():
    p = Plate(
        "popliteal-fossa",
        440,
        600,
        "Popliteal fossa of the right knee, from behind",
        "A diamond-shaped hollow between the hamstrings above and the two heads of gastrocnemius below, with artery, vein and "
        "nerves in its middle and a dotted outline round it.",
    )
    p.skin(
        "88,12 84,70 86,128 90,186 95,244 94,302 86,359 79,417 78,475 84,533 92,590",
        "356,12 360,70 359,128 356,186 351,244 351,302 357,359 362,417 360,475 353,533 344,590",
    )
    # floor of the fossa: back of the femur, capsule, condyles
    p.hatch("196,190 201,225 196,262 184,292", (-7, 4), 4.5)
    p.hatch("256,196 250,228 254,262 268,290", (7, 4), 4.5)
    p.fine(
        "190,232 196,265 181,295 171,309",
        "258,232 253,265 267,296 277,310",
        "186,296 209,304 225,306 243,304 262,296",
        "178,322 206,330 225,332 246,330 268,322",
        "182,309 206,317 226,319 246,317 266,309",
    )
    # soleus to either side
    p.muscle(
        "112,430 98,472 97,516 104,560 112,592",
        "130,430 130,474 133,517 139,560 146,592",
        n=8,
        dark=[(0, 0.6, 0.1, 0.95, 8)],
        stop=(0, 0.05),
    )
    p.muscle(
        "308,430 312,473 308,517 300,560 292,592",
        "328,430 342,472 342,517 333,560 324,592",
        n=8,
        dark=[(1, 0.4, 0.1, 0.95, 8)],
        stop=(0, 0.05),
    )
    # genicular branches, popliteal artery, vein, tibial nerve
    for pts in (
        "212,256 201,251 188,250 176,252",
        "213,258 230,252 247,250 264,254",
        "218,318 205,316 191,319 180,326",
        "219,318 236,314 252,317 268,326",
    ):
        p.tube("art", pts, 1.8, 0.9, 0)
    p.tube("art", "198,150 203,199 210,247 216,295 218,343 221,392 223,440", 5, 3.8, 0)
    p.tube("vein", "212,140 213,190 217,240 225,290 226,340 226,390 225,440", 5.5, 4.5, 3)
    p.tube("nrv", "228,60 228,124 232,187 236,250 234,314 230,377 226,440", 4.6, 3.2, 2)
    p.muscle(
        "280,296 270,320 259,343 249,366 242,384", "283,298 282,325 270,349 255,371 244,388", n=5
    )
    p.muscle(
        "170,290 151,328 135,368 121,409 111,450 108,493 116,534 131,575 140,594",
        "172,290 194,327 211,365 221,406 223,447 223,489 223,531 222,573 222,594",
        n=30,
        stop=(0, 0.05),
        dark=[(0, 0.35, 0.3, 0.97, 30), (1, 0.8, 0.15, 0.5, 12), (0, 1, 0.01, 0.1, 10)],
    )
    p.muscle(
        "279,292 256,328 237,366 227,406 225,448 225,490 225,531 224,573 224,594",
        "281,292 303,328 317,368 328,409 335,451 335,493 324,534 310,574 302,594",
        n=30,
        stop=(0, 0.05),
        dark=[(1, 0.6, 0.3, 0.97, 30), (0, 0.2, 0.15, 0.5, 12), (0, 1, 0.01, 0.1, 10)],
    )
    p.tube("vein", "226,593 226,556 225.5,519 224,482 224.7,446 226,409 226,376", 2.3, 1.6, 1)
    p.bone(
        "318,378 324,365 335,363 342,372 340,386 336,398 335,412 327,412 325,398",
        stipple=26,
        depth=6,
    )
    p.tube("nrv", "230,140 241,186 258,231 278,275 299,318 316,362 342,402", 3, 2.2, 1)
    p.tube("nrv", "342,402 350,414 354,430 355,446", 2, 1.4, 1)
    # hamstrings
    p.muscle(
        "122,12 115,57 111,103 110,149 111,195 115,240 123,285 136,329 146,350",
        "229,12 229,59 229,106 224,153 211,198 195,243 178,287 159,330 151,352",
        n=27,
        start=(0, 0.05),
        dark=[(0, 0.25, 0.3, 0.9, 14), (1, 0.75, 0.3, 0.8, 12)],
    )
    p.muscle(
        "226,12 226,63 227,113 237,163 258,209 280,254 302,299 318,348 324,372",
        "322,12 328,60 334,108 340,156 344,204 345,252 345,300 341,348 339,372",
        n=29,
        start=(0, 0.05),
        stop=(0.04, 0.06),
        dark=[(1, 0.65, 0.1, 0.9, 34), (0, 0.15, 0.35, 0.7, 8)],
    )
    p.muscle(
        "140,12 141,67 145,123 144,178 136,233 123,287 108,340 92,394 84,420",
        "222,12 224,70 212,128 186,180 157,231 135,285 117,341 98,396 89,424",
        n=22,
        start=(0, 0.05),
        stop=(0.3, 0.2),
        dark=[(1, 0.6, 0.12, 0.55, 18), (0, 0.3, 0.1, 0.5, 10), (0.9, 0.2, 0.55, 0.98, 5)],
    )
    p.muscle(
        "116,12 109,65 104,118 103,172 103,225 101,279 96,332 85,384 79,410",
        "126,12 122,66 118,120 115,174 113,228 109,282 102,335 90,388 83,414",
        n=4,
        dark=[(0, 1, 0, 0.6, 6)],
    )
    p.avoid(
        "226,150 260,204 287,261 299,290 293,320 278,347 248,404 227,426 205,405 175,349 159,322 155,291 166,261 193,204"
    )
    for n, y, x, y2 in (
        (1, 70, 172, 70),
        (2, 186, 125, 186),
        (3, 300, 215, 300),
        (8, 452, 160, 452),
    ):
        p.lead(n, "l", y, x, y2)
    for n, y, x, y2 in (
        (5, 70, 284, 70),
        (6, 216, 236, 250),
        (4, 300, 226, 318),
        (7, 352, 310, 345),
        (9, 452, 290, 452),
        (10, 548, 226, 548),
    ):
        p.lead(n, "r", y, x, y2)
    p.ori((26, 24, "start", "medial"), (414, 24, "end", "lateral"))
    return p


# Right leg from behind, shared by two plates: from the cleft down the inner side, round the heel, up the outer side.
LEG = (
    "136,14 133,54 134,90 140,108 143,144 148,198 157,270 165,328 166,367 160,405 156,450 161,495 174,558 186,621 191,662",
    "191,662 188,677 190,698 195,714 195,734 200,750 210,758 222,761 234,758 243,749 248,731 249,714 253,700 250,684 248,662",
    "248,662 255,621 268,558 281,495 284,450 277,405 274,367 280,322 292,261 305,198 315,153 325,104 327,54 318,14",
)


def leg_muscles(p, f=1.0, edges=True):
    """Muscles of the back of the leg. f thins the fibres out; without edges they are only a hint under the strokes."""

    def m(*rails, n, dark=(), ed="lr", **kw):
        if not edges:
            kw["start"] = (kw.get("start", (0, 0))[0] + 0.03, 0.12)
            kw["stop"] = (kw.get("stop", (0, 0))[0] + 0.03, 0.14)
            kw["gaps"] = 0.9
        p.muscle(
            *rails,
            n=max(2, round(n * f)),
            edges=ed if edges else "",
            dark=[(a, b, c, d, round(k * 0.8)) for a, b, c, d, k in dark] if edges else (),
            **kw,
        )

    # side and inner side of the thigh
    m(
        "246,120 262,180 274,234 279,279 276,320 271,364",
        "321,126 304,200 291,263 280,320 273,364",
        n=15,
        start=(0, 0.06),
        dark=[(1, 0.5, 0.1, 0.9, 16)],
        gaps=0.2,
    )
    m(
        "139,84 143,126 149,190 158,260 165,324 164,382",
        "152,84 153,126 157,190 164,260 169,324 168,382",
        n=5,
        dark=[(0, 1, 0.1, 0.7, 8)],
    )
    m("150,84 154,153 160,225", "190,90 175,153 163,225", n=10, dark=[(1, 0.3, 0, 0.9, 14)])
    if edges:  # popliteal fossa: floor, vessels, nerve
        p.hatch("214,297 210,317 202,340", (-6, 3), 3)
        p.hatch("236,300 242,319 251,344", (6, 3), 3)
        p.fine("198,352 218,361 244,356", "203,345 220,351 240,347")
        p.tube("art", "213,286 216,315 219,351 221,392", 2.8, 2.2, 0)
        p.tube("vein", "219,280 222,315 223,351 223,396", 3, 2.6, 1)
        p.tube("nrv", "227,250 228,306 229,351 225,401", 2.7, 2, 1)
    m(
        "250,180 262,240 268,315 266,364",
        "262,140 279,225 281,272 276,320 270,367",
        n=8,
        dark=[(1, 0.3, 0.1, 0.95, 12)],
    )
    # deep calf, soleus
    m("172,551 182,608 191,672", "186,560 194,616 199,672", n=5, dark=[(0, 1, 0.1, 0.9, 7)])
    m(
        "268,504 256,576 247,630 242,676",
        "281,502 268,567 255,625 249,676",
        n=6,
        dark=[(1, 0.2, 0.1, 0.9, 8)],
    )
    m(
        "158,455 162,512 175,567 190,612 209,650",
        "284,455 279,512 263,565 248,608 231,650",
        n=28,
        stop=(0.02, 0.25),
        dark=[
            (0, 0.14, 0.1, 0.95, 18),
            (1, 0.84, 0.1, 0.95, 20),
            (0.22, 0.45, 0.45, 0.8, 16),
            (0.8, 0.6, 0.4, 0.75, 14),
        ],
    )
    # heel and calcaneal tendon
    if edges:
        p.bone(
            "201,716 206,706 214,704 230,704 238,705 243,716 244,732 238,746 222,752 207,746 199,732",
            stipple=80,
            depth=10,
        )
    m(
        "178,544 198,576 208,621 213,666 211,700 207,722",
        "256,530 243,576 234,621 230,666 232,700 237,722",
        n=15,
        gaps=0.8,
        dark=[(0, 0.14, 0.2, 1, 10), (1, 0.84, 0.2, 1, 12)],
        stop=(0, 0.05),
    )
    # gastrocnemius
    m(
        "190,342 174,378 161,416 156,455 160,496 174,530 188,545",
        "193,342 192,400 188,455 190,510 199,553",
        "196,340 214,382 219,423 219,468 219,513 213,551",
        n=27,
        dark=[(0, 0.3, 0.2, 0.95, 28), (1, 0.84, 0.1, 0.55, 12), (0.2, 0.85, 0.88, 1, 22)],
        ed="lre",
        round_=0.4,
    )
    m(
        "251,345 230,382 222,423 221,468 222,505 226,540",
        "253,345 250,400 250,455 247,505 239,543",
        "256,346 270,378 280,416 282,455 274,495 260,524 250,534",
        n=25,
        dark=[(1, 0.66, 0.2, 0.95, 28), (0, 0.18, 0.1, 0.55, 12), (0.2, 0.85, 0.88, 1, 20)],
        ed="lre",
        round_=0.4,
    )
    if edges:
        p.tube(
            "vein", "243,682 238,640 229,590 221,540 220,480 220,432 222,389 223,366", 1.7, 1.3, 0
        )
        p.bone("263,366 268,361 274,362 277,370 275,381 270,388 266,381", stipple=12, depth=5)
    # hamstrings
    m(
        "153,100 150,198 155,261 163,315 170,362",
        "204,158 217,225 221,272 210,311 188,364",
        n=22,
        stop=(0, 0.06),
        dark=[(0, 0.25, 0.2, 0.85, 16), (1, 0.7, 0.45, 0.95, 20)],
    )
    m(
        "205,104 212,162 218,225 224,275 242,320 263,372",
        "250,116 263,171 271,234 274,288 272,333 268,374",
        n=25,
        stop=(0.08, 0.1),
        dark=[(1, 0.6, 0.15, 0.8, 28), (0, 0.2, 0.02, 0.5, 12), (0, 1, 0, 0.12, 18)],
    )
    m(
        "166,94 160,144 163,198 170,252 172,302 167,351 161,392",
        "214,106 216,155 210,207 196,254 182,297 172,347 165,394",
        n=20,
        stop=(0.34, 0.16),
        dark=[
            (1, 0.55, 0.05, 0.55, 24),
            (0, 0.25, 0.1, 0.5, 12),
            (0, 1, 0, 0.12, 16),
            (1, 0.2, 0.6, 0.98, 5),
        ],
    )
    # gluteus maximus, cropped above
    m(
        "300,12 318,36 326,74",
        "218,12 288,52 325,94",
        "138,16 232,66 322,122",
        "135,82 182,102 246,122 311,158",
        n=30,
        start=(0, 0.1),
        dark=[(1, 0.78, 0.08, 0.97, 44), (0.48, 0.3, 0.6, 1, 14), (1, 0.5, 0.85, 1, 18)],
        ed="r",
        round_=0.2,
    )


def posterior_leg():
    p = Plate(
        "posterior-leg",
        440,
        776,
        "Right leg, from behind",
        "The whole leg from the fold of the buttock to the heel: hamstrings above, the popliteal fossa dotted behind the knee, "
        "gastrocnemius, soleus and the calcaneal tendon below.",
    )
    p.skin(*LEG)
    leg_muscles(p)
    p.hatch("150,94 190,110 250,128 306,160", (-3, 8), 3)
    p.avoid(
        "224,270 240,297 258,335 261,358 249,378 232,401 222,409 210,396 190,373 184,355 195,326 212,295"
    )
    p.hatch("188,676 186,688 191,700", (6, 2), 2.4)
    p.hatch("250,684 254,699 249,713", (-6, 1), 2.4)
    for n, y, x in (
        (1, 52, 206),
        (2, 150, 188),
        (3, 262, 204),
        (4, 322, 216),
        (5, 450, 180),
        (6, 560, 178),
        (7, 640, 189),
    ):
        p.lead(n, "l", y, x)
    for n, y, x, y2 in (
        (8, 176, 296, 176),
        (9, 206, 244, 206),
        (10, 300, 276, 300),
        (11, 330, 229, 322),
        (12, 368, 259.5, 364),
        (13, 450, 258, 450),
        (14, 560, 226, 566),
        (15, 600, 259, 600),
        (16, 640, 222, 640),
        (17, 734, 232, 734),
    ):
        p.lead(n, "r", y, x, y2)
    p.ori((26, 24, "start", "medial"), (414, 24, "end", "lateral"))
    return p


def effleurage_map():
    p = Plate(
        "effleurage-map",
        440,
        776,
        "Effleurage of the right leg, from behind: the way of the hands",
        "Two ribbons run from the ankle to the fold of the buttock, broad over calf and thigh, narrow over the dotted back of "
        "the knee; thin broken lines lead back down both sides.",
    )
    leg_muscles(p, 0.42, edges=False)
    p.edge(*LEG)
    p.edge("136,96 182,112 240,126 280,142")
    p.hatch("140,98 182,114 240,128 276,142", (-1, 8), 3)
    p.avoid(
        "221,282 238,300 256,330 262,356 252,384 234,404 221,412 208,404 190,384 180,356 186,330 204,300"
    )
    p.ribbon(
        "212,700 206,640 194,570 187,500 188,450 202,400 210,356 206,310 194,250 188,205 192,165 206,134",
        [7, 14, 20, 23, 20, 10, 5, 4.5, 8, 19, 21, 17],
        24,
        3,
    )
    p.ribbon(
        "231,700 236,640 248,570 254,500 252,450 239,400 231,356 235,310 248,250 254,205 268,176 294,158",
        [7, 14, 20, 23, 20, 10, 5, 4.5, 8, 19, 21, 17],
        24,
        3,
    )
    back = (
        "121,214 128,262 140,330 138,400 134,450 140,510 154,580 170,650 176,690",
        "334,180 326,216 311,280 300,340 302,400 306,450 302,510 290,580 274,650 268,690",
    )
    p.thread(*back)  # the broken line of a fine nerve serves here for the light return
    p.edge("169,682 176.5,692 180,680", "264,680 267.5,692 275,682")
    p.lead(1, "l", 690, 211)
    p.lead(2, "l", 500, 187)
    p.lead(3, "l", 356, 183)
    p.lead(4, "l", 230, 190)
    p.lead(5, "r", 140, 280, 168)
    p.lead(6, "r", 300, 306.5, 300)
    p.ori((26, 24, "start", "medial"), (414, 24, "end", "lateral"))
    return p


def rib(p, points, tip=True, half=4.2):
    """A rib seen from behind: a band with a shaded lower edge."""
    mid = even(curve(points), 30)
    up, low = [], []
    for i, q in enumerate(mid):
        a, b = mid[max(i - 1, 0)], mid[min(i + 1, 30)]
        d = dist(a, b)
        nx, ny = (a[1] - b[1]) / d, (b[0] - a[0]) / d
        h = half * (
            1 if i < 27 else ((1, 0.85, 0.6, 0.25) if tip else (1, 0.95, 0.85, 0.55))[i - 27]
        )
        s = 1 if ny > 0 else -1
        low.append((q[0] + s * nx * h, q[1] + s * ny * h))
        up.append((q[0] - s * nx * h, q[1] - s * ny * h))
    ring = up + low[::-1]
    p.cover(ring, "bone", straight(thin(ring), True))
    p.hatch(low[2:-2], (0, -half * 0.9), 3.2, 0.5)


def erector_quadratus():
    p = Plate(
        "erector-quadratus",
        440,
        480,
        "The back of the trunk: erector spinae and quadratus lumborum",
        "Left half: erector spinae in three columns and the edge of latissimus dorsi. Right half: erector spinae removed, ribs, "
        "quadratus lumborum and the pelvis. The kidney zones are dotted on both sides.",
    )
    M = lambda s: mirror(P(s), 220)
    side = "387,36 387,80 380,150 368,220 363,262 374,320 390,380 396,430 395,470"
    p.skin(side, M(side))
    ribs = [
        "232,44 262,48 300,64 338,98 362,136 376,176",
        "232,70 264,75 302,95 336,129 358,164 371,200",
        "232,96 266,103 304,126 336,160 354,190 366,222",
        "232,122 264,131 300,155 330,188 340,206",
        "232,148 260,160 288,180 308,202",
    ]
    between = [
        ("250,20 258,44", "300,34 312,68", "352,78 356,118"),
        ("250,50 258,72", "300,66 312,98", "350,118 352,150"),
        ("250,76 258,99", "300,98 312,128", "346,146 346,178"),
        ("250,102 257,127", "300,128 310,158", "342,178 337,196"),
        ("250,130 256,156", "278,142 284,172", "310,168 306,194"),
    ]
    p.muscle(
        "276,326 265,266 257,218 250,166",
        "304,302 293,256 284,212 272,172",
        "330,294 319,252 306,216 294,188",
        n=27,
        dark=[(1, 0.75, 0.05, 0.95, 24), (0, 0.2, 0.05, 0.9, 14)],
        round_=0.4,
    )
    for flip in (False, True):
        f = (lambda s: M(s)) if flip else P
        for rails in between:
            p.muscle(*[f(r) for r in rails], n=17, round_=0, edges="", gaps=0.1, body=False)
        for i, r in enumerate(ribs):
            rib(p, f(r) if not flip else f(r)[1:4], i > 2)
    # right: wall of the belly, ilium, quadratus lumborum
    for f in (P, M):
        p.muscle(
            f("304,212 330,216 360,226"),
            f("318,252 336,258 360,266"),
            f("330,290 342,294 362,300"),
            n=15,
            round_=0,
            edges="",
            stop=(0, 0.3),
            gaps=0.5,
        )
    ilium = "258,398 258,376 264,352 276,326 296,304 322,291 346,292 366,306 378,334 380,362"
    for flip in (False, True):
        f = (lambda s: M(s)) if flip else P
        ring = f(ilium + " 372,420 350,470 300,480 268,440")
        p.cover(smooth_closed(ring))
        p.muscle(
            *[
                f(r)
                for r in (
                    "262,400 280,430 296,470",
                    "284,330 316,400 334,486",
                    "336,298 352,390 362,496",
                    "376,330 384,400 386,470",
                )
            ],
            n=26,
            start=(0.02, 0.02),
            stop=(0.1, 0.35),
            edges="",
            body=False,
            round_=0.2,
        )
        p.lines("m-edge", [smooth(f(ilium))], 0.35)
        inner = "263,398 264,378 270,356 282,331 300,310 323,298 345,299 362,312 372,336 374,360"
        p.lines("m-fib", [smooth(f(inner))], 0.4)
        p.dots(smooth(f(ilium)) + smooth(f(inner))[::-1], 60, 6)
    # spine: transverse processes, laminae, spinous processes
    lumbar = [181, 217, 253, 289, 322]
    thorax = [22, 46, 71, 96, 121, 147]
    for y, w in zip(lumbar, (34, 38, 42, 38, 36)):
        p.bone(
            [
                (225, y - 13),
                (231, y - 16),
                (237, y - 13),
                (240, y - 7),
                (220 + w - 4, y - 8),
                (220 + w + 1, y - 4),
                (220 + w - 2, y + 1),
                (243, y + 3),
                (237, y + 7),
                (237, y + 14),
                (232, y + 19),
                (226, y + 12),
            ],
            stipple=24,
            depth=5,
        )
        p.hatch([(241, y + 3), (237, y + 8), (237, y + 15)], (-5, -2), 2, 0.4)
    for y in thorax:
        p.bone(
            [
                (225, y - 9),
                (232, y - 9),
                (242, y - 10),
                (246, y - 5),
                (241, y),
                (234, y + 4),
                (231, y + 13),
                (225, y + 12),
            ],
            stipple=12,
            depth=4,
        )
    p.fine(
        "256,324 266,332 276,336",
        "255,327 264,337 272,345",
        "252,331 258,342 266,356",
        "258,322 270,326 284,326",
    )
    # sacrum
    p.bone(
        "186,340 204,334 220,338 236,334 254,340 259,362 256,384 246,414 234,444 225,462 220,474 215,462 206,444 194,414 184,384 "
        "181,362",
        stipple=90,
        depth=12,
    )
    for y, x in ((366, 22), (386, 19), (406, 16), (424, 12)):
        p.bone([(220 + x - 4, y), (220 + x, y - 3), (220 + x + 4, y), (220 + x, y + 4)])
    for y in thorax:
        p.bone(
            [
                (216.5, y - 8),
                (220, y - 10),
                (223.5, y - 8),
                (223, y + 8),
                (220, y + 15),
                (217, y + 8),
            ],
            stipple=6,
            depth=3,
        )
    for y in lumbar:
        p.bone(
            [(216, y - 9), (220, y - 11), (224, y - 9), (225, y + 8), (220, y + 13), (215, y + 8)],
            stipple=8,
            depth=3,
        )
    for y in (352, 374, 394, 412):
        p.bone([(217, y - 6), (220, y - 8), (223, y - 6), (222, y + 5), (220, y + 8), (218, y + 5)])
    # left: erector spinae
    for top, bot in ((52, 92), (80, 120), (108, 148), (136, 178), (166, 210)):
        x = 133 if bot < 150 else 137
        p.muscle(
            [(x + 14, bot + 8), (x + 2, bot - 12), (x - 12, top + 6)],
            [(x + 22, bot + 4), (x + 10, bot - 16), (x - 6, top + 2)],
            n=5,
            dark=[(0, 1, 0.1, 0.9, 5)],
        )
    p.muscle(
        "170,392 152,330 143,270 138,215 135,160 134,110 137,60 141,12",
        "188,400 180,330 170,265 161,205 156,150 155,100 158,50 162,12",
        n=16,
        stop=(0, 0.05),
        start=(0.1, 0.1),
        dark=[(0, 0.3, 0.1, 0.95, 22), (1, 0.8, 0.35, 0.95, 12)],
    )
    p.muscle(
        "184,400 178,320 169,262 161,205 156,150 155,100 158,50 162,12",
        "208,410 207,320 204,250 200,190 198,130 199,70 201,12",
        n=21,
        stop=(0, 0.05),
        start=(0.1, 0.1),
        dark=[(0, 0.25, 0.35, 0.95, 16), (1, 0.78, 0.3, 0.95, 18)],
    )
    p.muscle(
        "205,236 199,180 196,130 197,70 199,12",
        "215,244 214,180 213,120 213,60 214,12",
        n=7,
        stop=(0, 0.05),
        dark=[(0, 0.6, 0.1, 0.9, 10)],
    )
    p.muscle(
        "178,412 168,376 172,320 182,268 196,212",
        "190,440 186,390 188,330 196,268 205,206",
        "212,466 214,400 216,330 216,270 212,216",
        n=17,
        stop=(0.0, 0.28),
        gaps=0.6,
        dark=[(0, 0.25, 0, 0.6, 16), (1, 0.85, 0.1, 0.8, 10)],
        edges="l",
        round_=0.2,
    )
    # latissimus dorsi, cut
    p.muscle(
        "84,306 78,262 70,200 62,120 57,14",
        "104,296 99,250 92,180 84,100 80,14",
        "128,302 122,250 113,180 106,100 102,14",
        n=22,
        stop=(0, 0.05),
        dark=[(0, 0.3, 0.1, 0.95, 18), (1, 0.85, 0.1, 0.95, 12)],
    )
    p.hatch("129,300 123,250 114,180 107,100 103,20", (4, 3), 3.4, 0.3, False)
    kidney = "270,150 286,156 302,172 314,196 318,224 312,250 298,264 283,258 274,240 268,214 260,186 259,162"
    p.avoid(kidney)
    p.avoid([(x, y - 9) for x, y in M(kidney)])
    for n, y, x, y2 in (
        (1, 36, 208, 36),
        (2, 84, 88, 84),
        (3, 130, 178, 130),
        (4, 236, 152, 236),
        (5, 352, 190, 352),
    ):
        p.lead(n, "l", y, x, y2)
    for n, y, x, y2 in (
        (6, 124, 310, 164),
        (7, 160, 290, 182),
        (8, 206, 316, 206),
        (9, 262, 286, 268),
        (10, 300, 356, 300),
        (11, 400, 236, 400),
    ):
        p.lead(n, "r", y, x, y2)
    p.ori((26, 24, "start", "left"), (414, 24, "end", "right"))
    return p


def rotator_cuff():
    p = Plate(
        "rotator-cuff",
        440,
        496,
        "Right shoulder blade, from behind: the rotator cuff",
        "Supraspinatus above the spine of the scapula, infraspinatus and teres minor below it, all running to the greater tubercle; "
        "teres major below, deltoid cut away.",
    )
    p.skin("168,14 226,36 296,48 346,64 380,96 396,146 401,220 396,300 390,400 386,484")
    p.bone(
        "95,80 122,70 160,82 200,103 222,112 250,118 276,124 286,140 286,180 272,200 250,226 222,264 194,312 172,362 154,396 140,404 "
        "129,392 118,340 104,280 90,220 80,160 86,110",
        stipple=60,
        depth=8,
    )
    p.muscle(
        "132,372 176,338 220,304 268,274 314,256",
        "138,392 186,360 236,324 280,296 318,276",
        "148,408 200,384 252,346 292,318 322,298",
        n=20,
        dark=[(1, 0.7, 0.1, 0.95, 24), (0, 0.2, 0.3, 0.95, 12)],
    )
    # humerus
    p.bone(
        "292,134 306,114 330,110 352,122 362,146 360,176 353,206 350,260 348,330 346,400 346,450 345,476 328,477 311,476 309,450 309,400 308,330 311,262 "
        "310,224 300,206 290,182",
        stipple=150,
        depth=12,
    )
    p.hatch("311,262 309,330 309,400 310,476", (9, 1), 3, 0.5)
    # triceps: lateral and long head
    p.muscle(
        "330,250 326,320 320,400 316,484",
        "349,240 357,310 358,390 352,484",
        n=15,
        stop=(0, 0.08),
        dark=[(1, 0.6, 0.1, 0.9, 18)],
    )
    p.muscle(
        "264,210 264,270 264,340 270,410 280,484",
        "281,204 291,270 304,340 314,410 318,484",
        n=18,
        stop=(0, 0.08),
        dark=[(0, 0.3, 0.15, 0.9, 18), (1, 0.75, 0.2, 0.95, 14)],
    )
    # quadrangular space
    p.tube("art", "288,254 306,247 330,246 352,251 364,262", 2.6, 1.4, 0)
    p.tube("nrv", "286,242 306,234 332,233 356,238 372,250", 2.6, 1.5, 1)
    # cuff
    p.muscle(
        "90,88 122,74 164,86 210,106 262,112 312,108 340,116",
        "86,116 130,104 180,106 230,112 280,114 344,124",
        "80,152 124,142 184,124 240,114 296,120 346,132",
        n=26,
        stop=(0, 0.03),
        dark=[(1, 0.6, 0.02, 0.6, 26), (0, 0.2, 0.1, 0.5, 14)],
    )
    p.muscle(
        "170,342 212,264 262,206 310,176 356,166",
        "180,350 220,280 268,222 314,192 357,176",
        "188,346 230,284 276,232 318,206 356,188",
        n=13,
        dark=[(1, 0.6, 0.05, 0.9, 18)],
    )
    p.muscle(
        "82,170 150,160 230,146 290,132 330,134 358,144",
        "92,226 150,206 226,172 290,150 330,142 360,150",
        "108,300 156,262 226,204 286,170 326,152 361,156",
        "134,378 176,318 224,242 270,198 314,172 360,164",
        n=42,
        round_=0.2,
        stop=(0.0, 0.08),
        dark=[
            (1, 0.8, 0.05, 0.8, 34),
            (0, 0.16, 0.05, 0.7, 30),
            (0.34, 0.44, 0.1, 0.6, 14),
            (0.68, 0.76, 0.1, 0.6, 14),
        ],
        edges="lrs",
    )
    # scapular spine and acromion, clavicle
    p.cover(P("178,55 190,54 228,54 266,59 306,72 300,86 262,75 226,70 190,72 176,74"))
    p.edge(
        "190,54 228,54 266,59 306,72", "300,86 262,75 226,70 188,73", "190,54 186,60 191,66 188,73"
    )
    p.hatch("198,71 228,69 262,73 296,82", (1, -6), 3, 0.5)
    p.bone(
        "78,150 122,141 180,121 240,98 290,80 326,76 350,88 357,106 348,118 326,117 300,110 264,128 220,146 160,164 110,172 82,174",
        stipple=120,
        depth=9,
    )
    # deltoid, cut close to its origin; stump at the tuberosity
    p.muscle(
        "98,173 108,186",
        "150,165 168,190",
        "190,154 210,176",
        "220,146 243,174",
        "262,128 288,164",
        "300,110 326,144",
        "326,116 352,150",
        "352,114 378,146",
        n=80,
        round_=0,
        edges="e",
        dark=[(0, 1, 0, 0.5, 44), (0, 1, 0.6, 1, 44)],
        gaps=0.2,
        wob=0.8,
    )
    p.edge(
        "98,173 110,172 160,164 220,146 264,128 300,110 326,117 348,118", "352,114 366,128 378,146"
    )
    p.muscle(
        "344,404 354,378 372,350",
        "350,420 372,384 394,356",
        n=12,
        stop=(0, 0.25),
        dark=[(1, 0.4, 0, 0.8, 10)],
        edges="lr",
    )
    for n, y, x, y2 in (
        (1, 100, 142, 100),
        (2, 154, 122, 154),
        (3, 222, 160, 222),
        (4, 330, 112, 330),
        (5, 372, 196, 364),
    ):
        p.lead(n, "l", y, x, y2)
    for n, y, x, y2 in (
        (6, 60, 330, 92),
        (7, 118, 322, 132),
        (8, 154, 359, 154),
        (9, 196, 300, 200),
        (10, 242, 352, 236),
        (11, 268, 340, 248),
        (12, 330, 286, 330),
        (13, 378, 366, 370),
        (14, 440, 334, 440),
    ):
        p.lead(n, "r", y, x, y2)
    p.ori((26, 24, "start", "medial"), (414, 24, "end", "lateral"))
    return p


def neck_triangles():
    p = Plate(
        "neck-triangles",
        440,
        480,
        "The triangles of the neck, right side",
        "Sternocleidomastoid crosses the neck from behind the ear to the breastbone and parts the anterior triangle, with the "
        "carotid artery, from the posterior triangle, with the brachial plexus. Both triangles are dotted.",
    )
    # head: back, face, ear, jaw
    p.skin(
        "98,14 88,60 96,108 110,150 114,192 106,242 86,292 58,334 28,364",
        "386,14 394,44 404,62 396,74 388,80 393,92 388,102 390,112 382,122 384,140 378,160 362,178 338,192 320,204 310,218 306,238 313,262 "
        "310,286 303,330 300,372 304,398 326,420 348,448 362,474",
    )
    p.skin("384,102 366,106 352,104")
    # floor of the anterior triangle: mylohyoid, windpipe, straps
    p.muscle(
        "262,182 284,196 298,208",
        "306,186 308,198 312,208",
        "356,184 336,196 318,208",
        n=20,
        round_=0,
        edges="",
        gaps=0.2,
    )
    p.bone("272,236 292,232 306,236 314,262 306,284 288,288 276,282", stipple=36, depth=7)
    p.bone("282,292 300,290 305,296 304,306 284,308")
    for y in (314, 328, 342, 356, 370, 384):
        p.bone([(280, y), (296, y - 2), (303, y + 1), (302, y + 8), (282, y + 9)])
    # skull behind the ear
    p.edge("92,74 112,92 144,98 176,92 192,90 200,104 208,112 214,102 216,84")
    p.hatch("96,78 112,91 144,97 176,91 192,89", (2, -7), 3.4, 0.5)
    # deep vessels and scalenes
    p.tube("vein", "250,150 250,200 260,262 272,320 286,384", 6.5, 7, 4)
    p.tube("art", "299,398 295,352 288,306 277,256", 5, 5, 0)
    p.tube("art", "275,260 264,226 250,190 244,150", 4.4, 3.4, 0)
    p.tube("art", "278,258 280,226 272,192 258,150", 3.8, 2.8, 0)
    p.tube("art", "277,240 290,240 298,256 296,270", 1.8, 1.2, 0)
    p.tube("art", "274,222 288,214 300,202", 1.6, 1, 0)
    p.muscle(
        "150,98 140,140 128,190", "180,124 162,172 132,222", n=15, dark=[(1, 0.5, 0.1, 0.9, 14)]
    )
    p.muscle(
        "178,136 160,190 134,250 110,318",
        "200,180 182,240 150,306 112,372",
        n=19,
        dark=[(1, 0.6, 0.1, 0.95, 20), (0, 0.2, 0.1, 0.6, 8)],
    )
    p.muscle(
        "200,186 180,250 150,320 118,398",
        "214,236 196,290 172,346 150,404",
        n=13,
        dark=[(1, 0.6, 0.1, 0.95, 14)],
    )
    p.muscle(
        "202,196 186,260 168,330 150,404",
        "232,240 216,300 206,350 196,410",
        n=18,
        dark=[(1, 0.6, 0.1, 0.9, 20), (0, 0.2, 0.2, 0.9, 10)],
    )
    p.muscle(
        "222,250 220,310 222,360 218,412",
        "252,260 250,320 248,360 244,412",
        n=13,
        dark=[(0, 0.3, 0.1, 0.9, 14)],
    )
    # brachial plexus and subclavian artery
    p.tube("art", "238,388 214,380 190,386 166,412", 5.5, 5, 0)
    p.tube("nrv", "224,292 204,326 176,364 146,412", 3.2, 3, 1)
    p.tube("nrv", "224,322 206,348 182,378 156,412", 3.2, 3, 1)
    p.tube("nrv", "224,350 208,366 188,388 168,414", 3, 2.8, 1)
    p.muscle(
        "236,338 190,358 150,376 108,396",
        "238,352 192,370 152,388 112,406",
        n=6,
        dark=[(1, 0.4, 0.1, 0.9, 8)],
    )
    p.tube("nrv", "196,176 172,214 146,258 116,306", 2.3, 1.9, 1)
    # straps in front, hyoid, digastric, gland, lower jaw
    p.muscle(
        "292,214 280,262 264,306 246,338",
        "302,216 292,264 276,312 256,348",
        n=6,
        dark=[(0, 0.5, 0.1, 0.9, 7)],
    )
    p.muscle(
        "300,216 292,280 290,340 296,398",
        "316,216 310,262 303,330 302,396",
        n=10,
        dark=[(0, 0.4, 0.1, 0.95, 12)],
    )
    p.bone("268,206 288,206 308,204 318,208 318,216 306,218 288,213 270,211", stipple=14, depth=4)
    p.muscle(
        "196,106 230,148 262,184 296,204",
        "208,104 240,140 270,176 300,200",
        n=8,
        dark=[(0, 0.4, 0.1, 0.8, 10)],
    )
    p.muscle(
        "300,204 328,196 350,188 366,176",
        "302,208 332,202 354,192 370,178",
        n=5,
        dark=[(1, 0.4, 0.1, 0.9, 6)],
    )
    p.bone("262,170 276,160 300,162 316,172 314,188 298,200 278,196 264,186", stipple=70, depth=14)
    p.fine("276,170 284,178 280,188", "292,168 302,178 296,190", "268,180 276,186")
    # ramus with its two processes, masseter from the cheekbone arch
    p.bone(
        "236,54 233,72 232,104 236,138 250,156 280,164 320,170 350,174 368,172 379,158 380,142 372,130 350,128 320,124 290,112 279,94 "
        "277,72 275,54 268,46 262,56 256,64 250,58 251,48 245,42 238,45",
        stipple=70,
        depth=9,
    )
    p.muscle(
        "254,42 248,72 241,106 238,137",
        "312,40 300,78 286,118 266,156",
        n=22,
        dark=[(0, 0.3, 0.2, 0.95, 16), (1, 0.7, 0.3, 0.95, 12)],
    )
    p.bone(
        "234,31 262,34 290,33 308,30 322,29 331,36 330,48 322,56 310,48 290,45 262,45 240,43",
        stipple=40,
        depth=6,
    )
    # clavicle and breastbone
    p.bone(
        "294,398 312,402 324,420 346,462 362,500 330,506 318,490 304,450 292,420",
        stipple=44,
        depth=8,
    )
    p.bone(
        "300,402 306,412 300,424 276,422 244,414 214,408 180,416 140,420 104,412 72,394 56,384 50,374 60,370 84,378 118,396 150,402 182,398 "
        "214,392 250,396 280,400",
        stipple=90,
        depth=6,
    )
    # trapezius
    p.muscle(
        "130,92 134,140 140,192 134,244 118,306 100,352 76,384",
        "112,92 120,142 126,192 120,243 100,300 76,344 52,376",
        "98,100 109,150 113,192 106,242 86,292 58,334 32,366",
        n=22,
        start=(0, 0.04),
        dark=[(1, 0.6, 0.1, 0.9, 20), (0, 0.2, 0.3, 0.95, 18)],
        stop=(0, 0.05),
    )
    # sternocleidomastoid: clavicular, then sternal head
    p.muscle(
        "160,96 178,140 196,200 214,270 222,330 222,398",
        "176,100 200,160 222,220 240,290 246,340 246,400",
        "196,110 226,190 246,250 262,310 270,350 272,402",
        n=24,
        dark=[(0, 0.2, 0.15, 0.95, 24), (1, 0.75, 0.5, 0.95, 16)],
    )
    p.muscle(
        "172,92 196,150 222,212 250,284 272,346 290,408",
        "190,92 214,150 240,212 266,284 284,346 297,404",
        "206,104 232,152 256,212 278,280 292,340 304,398",
        n=22,
        dark=[(1, 0.7, 0.08, 0.95, 28), (0, 0.2, 0.3, 0.95, 20)],
        stop=(0, 0.04),
    )
    p.tube("vein", "236,158 230,200 218,262 206,330 198,394", 2.8, 2.8, 1)
    # ear
    p.bone("196,44 188,34 190,16 206,8 226,14 230,34 224,54 218,70 216,90 206,98 198,88 198,68")
    p.fine("198,36 198,24 208,17 220,22 222,36 214,52 210,66", "204,58 206,44 212,36", cls="m-fib")
    p.avoid(
        "158,126 176,160 194,220 208,280 216,330 216,388 180,392 140,394 108,386 120,352 138,306 152,250 156,196 150,150"
    )
    p.avoid(
        "242,166 262,176 300,178 340,182 352,186 322,204 311,220 308,240 313,262 310,288 303,330 299,372 290,330 280,282 264,226 250,190"
    )
    for n, y, x, y2 in (
        (1, 160, 145, 166),
        (2, 190, 122, 190),
        (3, 226, 164, 226),
        (4, 262, 158, 264),
        (5, 304, 138, 306),
        (6, 332, 170, 328),
        (7, 358, 184, 353),
        (8, 384, 207, 381),
        (9, 410, 130, 409),
    ):
        p.lead(n, "l", y, x, y2)
    for n, y, x, y2 in (
        (10, 150, 320, 150),
        (11, 184, 232, 176),
        (12, 222, 310, 222),
        (13, 248, 276, 248),
        (14, 280, 300, 280),
        (15, 316, 270, 306),
        (16, 356, 240, 340),
    ):
        p.lead(n, "r", y, x, y2)
    p.ori((26, 24, "start", "back"), (372, 24, "end", "front"))
    return p


def sciatic_path():
    p = Plate(
        "sciatic-path",
        440,
        560,
        "The path of the sciatic nerve, right buttock from behind",
        "Gluteus maximus cut away. The sciatic nerve leaves the pelvis below piriformis and runs down between the ischial "
        "tuberosity and the greater trochanter; its path is dotted.",
    )
    p.skin(
        "352,20 382,90 398,170 406,250 406,330 396,410 384,480 378,548",
        "40,404 44,440 66,464 100,482 116,512 122,548",
        "40,60 40,404",
    )
    # bones
    p.bone(
        "112,150 116,110 140,76 180,52 226,42 280,52 326,84 352,122 348,150 336,186 318,226 300,262 262,304 236,332 216,372 206,404 184,424 "
        "160,414 150,392 156,366 176,340 188,318 180,304 192,290 202,270 194,248 168,232 134,214 118,196",
        stipple=90,
        depth=9,
    )
    p.bone(
        "296,268 318,252 330,240 348,244 362,262 366,290 358,318 350,350 344,420 341,500 339,536 320,538 302,536 299,500 298,430 292,372 276,352 280,338 288,322 284,296",
        stipple=110,
        depth=10,
    )
    p.bone(
        "42,128 70,126 100,134 116,152 118,186 110,230 96,276 82,316 72,344 62,372 52,384 46,376 48,352 42,330",
        stipple=100,
        depth=10,
    )
    for x, y in ((86, 176), (82, 212), (76, 246), (70, 278)):
        p.bone([(x - 5, y), (x, y - 4), (x + 5, y), (x, y + 5)])
    for y in (150, 184, 218, 250, 280):
        p.bone([(42, y - 9), (48, y - 10), (52, y), (48, y + 9), (42, y + 8)], stipple=5, depth=3)
    # deep rotators
    p.muscle(
        "214,350 254,338 300,332 338,324",
        "206,380 250,368 298,362 340,352",
        "196,402 248,400 298,394 340,380",
        n=20,
        dark=[(1, 0.75, 0.05, 0.95, 18), (0, 0.15, 0.05, 0.95, 10), (0, 1, 0.85, 1, 14)],
    )
    p.muscle(
        "190,292 240,284 296,274 340,272",
        "184,308 240,300 296,288 344,280",
        "188,328 240,318 298,306 348,292",
        n=14,
        round_=0.3,
        dark=[
            (0.48, 0.4, 0.05, 0.9, 10),
            (0.52, 0.62, 0.05, 0.9, 8),
            (1, 0.8, 0.05, 0.9, 12),
            (0, 0.15, 0.05, 0.9, 8),
        ],
    )
    p.edge("188,304 240,294 296,283 340,277", "187,314 240,307 296,294 342,284")
    # side of the thigh
    p.muscle(
        "352,330 354,400 350,470 344,548",
        "366,300 382,380 382,460 372,548",
        n=14,
        stop=(0, 0.05),
        dark=[(1, 0.6, 0.1, 0.9, 18)],
    )
    p.muscle(
        "318,400 312,460 304,548",
        "344,384 346,460 342,548",
        n=12,
        stop=(0, 0.05),
        dark=[(0, 0.3, 0.1, 0.9, 10)],
    )
    p.muscle(
        "196,406 228,446 246,496 252,548",
        "290,394 312,430 316,480 312,548",
        n=25,
        stop=(0, 0.06),
        round_=0.3,
        dark=[(1, 0.8, 0.1, 0.9, 12), (0, 0.3, 0, 0.9, 16)],
        edges="r",
    )
    # inferior gluteal vessels, sciatic nerve, cutaneous nerve of the thigh
    p.tube("vein", "188,254 172,276 150,296 134,318", 2.8, 1.6, 1)
    p.tube("art", "194,256 180,282 162,308 150,338", 2.6, 1.2, 0)
    p.tube("nrv", "204,250 220,290 240,340 252,400 254,470 248,548", 8, 6, 4)
    p.tube("nrv", "194,256 206,300 218,350 224,400 222,470 214,548", 2.3, 2, 1)
    # piriformis, gluteus medius
    p.muscle(
        "108,184 160,204 230,226 294,244 334,250",
        "98,218 160,232 230,246 296,256 336,257",
        "92,248 158,258 228,266 296,268 338,264",
        n=25,
        round_=0.35,
        dark=[(1, 0.72, 0.05, 0.9, 28), (0, 0.15, 0.05, 0.9, 16)],
        stop=(0, 0.04),
    )
    p.muscle(
        "114,158 166,190 244,223 331,249",
        "148,82 220,140 290,196 340,244",
        "226,52 286,110 328,180 348,244",
        "300,74 338,130 356,190 358,250",
        "348,128 360,170 366,210 364,258",
        n=46,
        round_=0.15,
        dark=[(0, 0.14, 0.1, 0.9, 30), (1, 0.88, 0.1, 0.9, 18), (0.3, 0.5, 0.7, 0.98, 20)],
        edges="lr",
        start=(0.02, 0.04),
    )
    # sacrotuberous ligament, hamstrings
    p.muscle(
        "104,250 122,300 140,340 154,372",
        "90,282 108,322 130,356 152,386",
        "72,326 98,350 126,372 152,398",
        n=15,
        gaps=0.7,
        round_=0.2,
        dark=[(1, 0.75, 0.1, 0.9, 10), (0, 0.2, 0.1, 0.9, 8)],
    )
    p.bone("154,368 172,352 196,356 210,374 208,398 192,418 170,420 152,402", stipple=90, depth=16)
    p.muscle(
        "152,398 150,440 160,490 170,548",
        "178,404 192,446 202,490 210,548",
        "206,390 226,436 240,490 248,548",
        n=28,
        stop=(0, 0.05),
        dark=[(0, 0.25, 0.1, 0.95, 22), (1, 0.7, 0.1, 0.95, 26), (0.5, 0.42, 0.15, 0.8, 10)],
    )
    p.muscle(
        "140,420 132,470 132,548",
        "152,402 150,450 166,548",
        n=8,
        stop=(0, 0.06),
        dark=[(0, 0.6, 0.1, 0.9, 8)],
    )
    # gluteus maximus, cut: origin and insertion
    p.muscle(
        "104,124 132,142",
        "112,150 146,176",
        "106,190 142,222",
        "94,236 132,270",
        "78,290 114,326",
        "58,356 92,390",
        n=58,
        round_=0,
        edges="lre",
        dark=[(0, 1, 0.5, 1, 46)],
        gaps=0.3,
        wob=0.8,
    )
    p.muscle(
        "356,318 366,324",
        "334,356 356,372",
        "324,392 350,412",
        "318,430 346,444",
        n=34,
        round_=0,
        edges="ls",
        dark=[(0, 1, 0, 0.5, 24)],
        gaps=0.3,
        wob=0.8,
    )
    p.avoid(
        "192,262 206,252 226,262 242,300 260,344 274,400 276,470 268,530 246,540 232,524 234,470 232,410 220,350 202,304"
    )
    for n, y, x, y2 in (
        (1, 250, 118, 250),
        (2, 334, 120, 340),
        (3, 392, 180, 392),
        (4, 430, 221, 424),
        (5, 480, 184, 480),
    ):
        p.lead(n, "l", y, x, y2)
    for n, y, x, y2 in (
        (6, 120, 290, 140),
        (7, 210, 272, 252),
        (8, 270, 350, 284),
        (9, 306, 300, 298),
        (10, 364, 300, 364),
        (11, 412, 252, 412),
        (12, 470, 276, 470),
    ):
        p.lead(n, "r", y, x, y2)
    p.ori((26, 24, "start", "medial"), (414, 24, "end", "lateral"))
    return p


def cells(rnd, box, size, jitter=0.28):
    """Voronoi cells of a jittered honeycomb: fat lobules, fascicles."""
    x0, y0, x1, y1 = box
    seeds, row, y = [], 0, y0 - size * 1.32  # rows fall so that the upper edge cuts no slivers
    while y < y1 + size:
        x = x0 - size + (size / 2 if row % 2 else 0)
        while x < x1 + size:
            seeds.append(
                (x + rnd.uniform(-jitter, jitter) * size, y + rnd.uniform(-jitter, jitter) * size)
            )
            x += size
        y += size * 0.87
        row += 1
    out = []
    for s in seeds:
        if not (x0 - size < s[0] < x1 + size and y0 - size < s[1] < y1 + size):
            continue
        poly = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
        for q in seeds:
            if q is s or dist(q, s) > size * 2.6:
                continue
            m, n = lerp(s, q, 0.5), (q[0] - s[0], q[1] - s[1])
            side = lambda v: (v[0] - m[0]) * n[0] + (v[1] - m[1]) * n[1]
            new = []
            for a, b in zip(poly, poly[1:] + poly[:1]):
                sa, sb = side(a), side(b)
                if sa <= 0:
                    new.append(a)
                if sa * sb < 0:
                    new.append(lerp(a, b, sa / (sa - sb)))
            poly = new
            if not poly:
                break
        if len(poly) > 2:
            out.append(poly)
    return out


def rounded(poly):
    """A closed path whose corners are rounded off entirely: quadratic curves from mid-side to mid-side."""
    r = lambda v: int(round(v * 10))
    mids = [lerp(a, b, 0.5) for a, b in zip(poly[-1:] + poly[:-1], poly)]
    x, y = r(mids[0][0]), r(mids[0][1])
    d, first = "M" + join((x, y)) + "q", True
    for i, v in enumerate(poly):
        m = mids[(i + 1) % len(poly)]
        s = join((r(v[0]) - x, r(v[1]) - y, r(m[0]) - x, r(m[1]) - y))
        d += s if first or s[0] == "-" else " " + s
        x, y, first = r(m[0]), r(m[1]), False
    return d + "z"


def inset(poly, gap):
    cx, cy = sum(q[0] for q in poly) / len(poly), sum(q[1] for q in poly) / len(poly)
    return [lerp(q, (cx, cy), min(0.6, gap / (dist(q, (cx, cy)) or 1))) for q in poly]


def blunt(poly, least):
    """The polygon without its very short sides."""
    out = []
    for q in poly:
        if not out or dist(q, out[-1]) > least:
            out.append(q)
    if len(out) > 3 and dist(out[0], out[-1]) <= least:
        out.pop()
    return out


def tissue_layers():
    p = Plate(
        "tissue-layers",
        440,
        388,
        "Skin, fascia and muscle: a block cut through the layers",
        "A block of tissue with its layers cut back in steps: skin on top, then superficial fascia full of fat, then the thin sheet "
        "of deep fascia, then muscle, its fascicles wrapped in perimysium.",
    )
    rnd = p.rnd
    dx, dy = 62, -40  # depth of the block on paper
    x0, xs, xf, xd, xm = (
        46,
        148,
        220,
        272,
        326,
    )  # left edge; right edge of skin, fat, deep fascia, muscle
    ys, ye, yd, yf, yq, yb = (
        74,
        86,
        126,
        222,
        232,
        369,
    )  # surface; under epidermis, dermis, fat, deep fascia; base
    back = lambda q: (q[0] + dx, q[1] + dy)
    quad = lambda a, b: [a, b, back(b), back(a)]

    def face(poly):
        p.cover(poly)

    def outline(*polys):
        for q in polys:
            p.path("m-edge", straight(q, True))

    # muscle: right face, exposed top, front with fascicles in cross-section
    right = quad((xm, yb), (xm, yq))
    top = quad((xd, yq), (xm, yq))
    p.muscle(
        [(xd, yq), back((xd, yq))],
        [(xm, yq), back((xm, yq))],
        n=22,
        round_=0.1,
        edges="",
        gaps=0.35,
        dark=[(1, 0.7, 0.1, 0.9, 12)],
    )
    p.muscle(
        [(xm, yq), back((xm, yq))],
        [(xm, yb), back((xm, yb))],
        n=46,
        round_=0.05,
        edges="",
        gaps=0.15,
        wob=0.6,
        dark=[(0, 1, 0.02, 0.98, 60), (1, 0.6, 0.02, 0.98, 40)],
    )
    face([(x0, yq), (xm, yq), (xm, yb), (x0, yb)])
    for c in cells(rnd, (x0 + 1, yq + 5, xm - 1, yb - 1), 50, 0.2):
        ring = inset(blunt(c, 8), 2.2)
        if (
            len(ring) < 3
            or abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1]))) < 430
        ):
            continue
        mids = [lerp(q, r, v) for q, r in zip(ring, ring[1:] + ring[:1]) for v in (0.3, 0.7)]
        dense = smooth_closed(mids, 4)
        bx = (
            min(q[0] for q in ring),
            min(q[1] for q in ring),
            max(q[0] for q in ring),
            max(q[1] for q in ring),
        )
        fibres = []
        for f in cells(rnd, bx, 12, 0.2):
            rim = inset(blunt(f, 1.8), 0.9)
            if len(rim) > 4 and all(inside(q, dense) for q in inset(rim, 0.9)):
                fibres.append(straight(rim, True))
        if fibres:
            p.path("m-edge", rounded(ring))
            p.path("m-fib", "".join(fibres))
    outline(right, top, [(x0, yq), (xm, yq), (xm, yb), (x0, yb)])
    # deep fascia: a thin sheet
    p.muscle(
        [(xd, yf), back((xd, yf))],
        [(xd, yq), back((xd, yq))],
        n=5,
        round_=0,
        edges="",
        dark=[(0, 1, 0, 1, 14)],
    )
    p.muscle(
        [(xf, yf), (xd, yf)],
        [back((xf, yf)), back((xd, yf))],
        n=15,
        round_=0,
        edges="",
        gaps=0.3,
        wob=0.1,
    )
    p.muscle(
        [
            back((xf, yf)),
            (xf + 24, yf),
        ],
        [back((xd, yf)), (xd + 6, yf)],
        n=4,
        round_=0,
        edges="",
        gaps=0.3,
        body=False,
    )
    p.muscle([(x0, yf), (xd, yf)], [(x0, yq), (xd, yq)], n=5, round_=0, edges="", gaps=0.2)
    p.hatch([(x0, yf + 5), (xd, yf + 5)], (3, 4.5), 3.2, 0.4, False)
    outline(
        quad((xd, yq), (xd, yf)), quad((xf, yf), (xd, yf)), [(x0, yf), (xd, yf), (xd, yq), (x0, yq)]
    )
    # superficial fascia: lobules of fat
    shear = lambda q: (xf + (q[0] / 100) * dx, yd + (q[0] / 100) * dy + q[1])
    flat = lambda q: (xs + q[0] + (-q[1] / 40) * dx, yd + (-q[1] / 40) * dy)
    face(quad((xf, yf), (xf, yd)))
    face(quad((xs, yd), (xf, yd)))
    face([(x0, yd), (xf, yd), (xf, yf), (x0, yf)])
    ring_sets = [([shear(q) for q in c]) for c in cells(rnd, (0, 0, 100, yf - yd), 25, 0.24)]
    ring_sets += [([flat(q) for q in c]) for c in cells(rnd, (0, -40, xf - xs, 0), 18, 0.24)]
    ring_sets += cells(rnd, (x0, yd, xf, yf), 21.5, 0.26)
    lob, shade = [], []
    for c in ring_sets:
        r = inset(blunt(c, 3.5), 0.9)
        if len(r) < 3:
            continue
        lob.append(rounded(r))
        cx, cy = sum(q[0] for q in r) / len(r), sum(q[1] for q in r) / len(r)
        k = max(range(len(r)), key=lambda i: (r[i][0] - cx) * 0.7 + r[i][1] - cy)
        a, c1, b = (
            lerp(q, (cx, cy), 0.3)
            for q in (lerp(r[k - 1], r[k], 0.45), r[k], lerp(r[k], r[(k + 1) % len(r)], 0.55))
        )
        shade.append(
            f"M{num(round(a[0] * 10))} {num(round(a[1] * 10))}q"
            + join(round(v * 10) for v in (c1[0] - a[0], c1[1] - a[1], b[0] - a[0], b[1] - a[1]))
        )
    p.path("m-fib", "".join(lob))
    p.path("m-dark", "".join(shade))
    outline(
        quad((xf, yf), (xf, yd)), quad((xs, yd), (xf, yd)), [(x0, yd), (xf, yd), (xf, yf), (x0, yf)]
    )
    # vessels and nerve in the superficial fascia, a branch up to the skin
    p.tube("vein", [(x0, 200), (92, 194), (140, 203), (184, 196), (xf, 202)], 4.6, 4.6, 2)
    p.tube("art", [(x0, 182), (96, 177), (144, 185), (186, 178), (xf, 183)], 3, 3, 0)
    p.tube("art", [(118, 180), (120, 160), (112, 140), (114, 116), (108, 98)], 1.6, 0.9, 0)
    p.tube("nrv", [(x0, 160), (88, 156), (140, 163), (182, 157), (xf, 161)], 3, 3, 1)
    # skin: dermis and epidermis
    p.muscle(
        [(xs, ye), back((xs, ye))],
        [(xs, yd), back((xs, yd))],
        n=13,
        round_=0,
        edges="",
        gaps=0.6,
        dark=[(0, 1, 0, 1, 34)],
    )
    p.muscle(
        [(xs, ys), back((xs, ys))],
        [(xs, ye), back((xs, ye))],
        n=6,
        round_=0,
        edges="",
        dark=[(0, 1, 0, 1, 24)],
    )
    face([(x0, ys), (xs, ys), (xs, yd), (x0, yd)])
    face(quad((x0, ys), (xs, ys)))
    coll = []
    for _ in range(48):
        x, y, ln = rnd.uniform(x0 + 2, xs - 14), rnd.uniform(ye + 7, yd - 3), rnd.uniform(7, 13)
        coll.append([(x, y), (x + ln * 0.35, y - 1.6), (x + ln * 0.7, y + 1.4), (x + ln, y - 0.4)])
    p.lines("m-fib", [smooth(c, 4) for c in coll], 0.8)
    wave = [(x0 + (xs - x0) * i / 40, ye + (3 if i % 2 else -1.5)) for i in range(41)]
    p.cover([(x0, ys), (xs, ys)] + wave[::-1])
    p.lines("m-edge", [smooth(wave, 5)], 0.25)
    p.lines(
        "m-dark",
        [
            [(x0 + i * 2.5, ys + 1.5), (x0 + i * 2.5, ye - 4 + rnd.uniform(-2, 1.5))]
            for i in range(1, 40)
        ],
        0.3,
    )
    for i in range(7):  # lines of the skin's surface
        t = (i + 0.6) / 7.4
        a, b = lerp((x0, ys), back((x0, ys)), t), lerp((xs, ys), back((xs, ys)), t)
        q = [(lerp(a, b, k / 10)[0], lerp(a, b, k / 10)[1] + rnd.uniform(-1, 1)) for k in range(11)]
        cut = rnd.randint(2, 8)
        p.lines("m-dark", [smooth(q[:cut], 4), smooth(q[cut:], 4)], 0.3)
    outline(
        [(x0, ys), (xs, ys), (xs, yd), (x0, yd)], quad((x0, ys), (xs, ys)), quad((xs, yd), (xs, ys))
    )
    # hair in its follicle, sweat gland
    p.cover(P("66,74 70,74 74,98 80,122 84,132 82,139 76,138 74,131 68,106"))
    p.edge("66,76 68,100 73,126 76,138 81,140 84,134 81,122 73,98 70,76")
    p.lines("m-edge", [smooth(P("78,134 74,112 68,76 62,44 52,22"))], 0.3)
    p.lines(
        "m-edge",
        [
            smooth(P("128,58 124,40 116,22")),
            smooth(P("168,50 164,36 158,24")),
            smooth(P("100,46 96,34 90,24")),
        ],
        0.3,
    )
    p.cover(P("123,132 128,127 137,127 143,132 142,140 135,144 126,142"))
    p.lines(
        "m-edge",
        [
            smooth(
                P(
                    "132,76 134,84 131,92 134,100 131,110 133,122 127,130 130,138 138,139 141,132 135,128 128,133 129,141 137,143 143,137"
                ),
                6,
            )
        ],
        0.25,
    )
    for n, y, x, y2 in (
        (1, 66, 58, 81),
        (2, 104, 56, 104),
        (3, 142, 58, 142),
        (4, 227, 58, 227),
        (5, 320, 93.6, 320),
    ):
        p.lead(n, "l", y, x, y2)
    for n, y, x, y2 in (
        (6, 48, 150, 58),
        (7, 84, 134, 106),
        (8, 126, 186, 157),
        (9, 156, 200, 180),
        (10, 184, 208, 200),
        (11, 212, 276, 207),
        (12, 240, 352, 214),
        (13, 312, 272, 312),
    ):
        p.lead(n, "r", y, x, y2)
    return p


PLATES = [
    popliteal_fossa,
    posterior_leg,
    erector_quadratus,
    rotator_cuff,
    neck_triangles,
    sciatic_path,
    tissue_layers,
    effleurage_map,
]


def main(wanted):
    for draw in PLATES:
        plate = draw()
        if wanted and plate.name not in wanted:
            continue
        svg = plate.svg()
        size = len(svg.encode())
        if size > LIMIT:
            raise SystemExit(f"{plate.name}: {size} bytes, more than {LIMIT}")
        note = ""
        meta = OUT / f"{plate.name}.yaml"
        if meta.exists():  # every leader has its line in the key and the other way round
            key = {
                int(n)
                for n in re.findall(r"^\s*- \{n: (\d+)", meta.read_text(encoding="utf-8"), re.M)
            }
            leads = {lead[0] for lead in plate.leads}
            if key != leads:
                raise SystemExit(f"{plate.name}: key and leaders differ: {sorted(key ^ leads)}")
            note = f", {len(key)} in the key"
        (OUT / f"{plate.name}.svg").write_text(svg, encoding="utf-8")
        print(f"{plate.name}: {size / 1024:.1f} KB{note}")


if __name__ == "__main__":
    main(set(sys.argv[1:]))
