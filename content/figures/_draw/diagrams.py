#!/usr/bin/env python3
"""Draws the explanatory diagrams of the lessons: content/figures/<id>.svg and <id>.yaml.

    python3 content/figures/_draw/diagrams.py              # all
    python3 content/figures/_draw/diagrams.py gait-cycle   # some

Standard library only, no randomness: running it twice changes nothing. Colour comes only from the classes of
cms/static/palpate/figures.css, so a drawing follows the reader's light or dark page. All drawings are 440 units wide
and carry text of 15 units or more, so that they still read on a phone 358 pixels wide.
"""

import json
import re
import sys
from math import atan2, cos, degrees, hypot, log10, pi, radians, sin
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent
W = 440
ANATOMY = "awaiting an anatomist's review"
CLINIC = "awaiting a clinician's review"
CHECKED = "checked against the cited source"
FIGURES = {}


# ---------------------------------------------------------------- drawing kit


def n(v):
    """A number as short as it can be."""
    s = f"{v:.1f}"
    return s[:-2] if s.endswith(".0") else s


def curly(s):
    """Apostrophes as they are printed."""
    return re.sub(r"(?<=\w)'(?=\w)", "’", s)


def esc(s):
    return curly(s).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def poly(pts, close=False):
    return "M" + "L".join(f"{n(x)} {n(y)}" for x, y in pts) + ("Z" if close else "")


def smooth(pts, close=False, k=1 / 6):
    """A Catmull-Rom curve through the points, as Bézier segments."""
    m = len(pts)
    get = (lambda i: pts[i % m]) if close else (lambda i: pts[max(0, min(m - 1, i))])
    d = f"M{n(pts[0][0])} {n(pts[0][1])}"
    for i in range(m if close else m - 1):
        p0, p1, p2, p3 = get(i - 1), get(i), get(i + 1), get(i + 2)
        a = (p1[0] + (p2[0] - p0[0]) * k, p1[1] + (p2[1] - p0[1]) * k)
        b = (p2[0] - (p3[0] - p1[0]) * k, p2[1] - (p3[1] - p1[1]) * k)
        d += f"C{n(a[0])} {n(a[1])} {n(b[0])} {n(b[1])} {n(p2[0])} {n(p2[1])}"
    return d + ("Z" if close else "")


def ease(pts):
    """A curve with level ends at every point: plateaus stay flat, nothing overshoots."""
    d = f"M{n(pts[0][0])} {n(pts[0][1])}"
    for (x0, y0), (x1, y1) in zip(pts, pts[1:]):
        m = (x0 + x1) / 2
        d += f"C{n(m)} {n(y0)} {n(m)} {n(y1)} {n(x1)} {n(y1)}"
    return d


def arc_pts(cx, cy, rx, ry, a0, a1, steps=24):
    """Points of an elliptical arc, degrees clockwise from three o'clock."""
    return [
        (
            cx + rx * cos(radians(a0 + (a1 - a0) * i / steps)),
            cy + ry * sin(radians(a0 + (a1 - a0) * i / steps)),
        )
        for i in range(steps + 1)
    ]


def lerp(p, q, t):
    return (p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t)


def to(p, angle, r):
    """The point at distance r from p; angle in degrees from straight down, positive to the right."""
    return (p[0] + r * sin(radians(angle)), p[1] + r * cos(radians(angle)))


class Fig:
    """One drawing. Every shape takes a class name; attributes are passed as keywords."""

    def __init__(self, h):
        self.h, self.parts = h, []

    def add(self, s):
        self.parts.append(s)

    def el(self, tag, cls, body=None, **a):
        at = "".join(
            f' {k.replace("_", "-")}="{n(v) if isinstance(v, (int, float)) else v}"'
            for k, v in a.items()
            if v is not None
        )
        self.add(
            f'<{tag} class="{cls}"{at}/>'
            if body is None
            else f'<{tag} class="{cls}"{at}>{body}</{tag}>'
        )

    def path(self, d, cls, **a):
        self.el("path", cls, d=d, **a)

    def line(self, x1, y1, x2, y2, cls, **a):
        self.path(f"M{n(x1)} {n(y1)}L{n(x2)} {n(y2)}", cls, **a)

    def circle(self, x, y, r, cls, **a):
        self.el("circle", cls, cx=x, cy=y, r=r, **a)

    def rect(self, x, y, w, h, cls, **a):
        self.el("rect", cls, x=x, y=y, width=w, height=h, **a)

    def text(self, x, y, s, cls="fig-t", anchor=None, **a):
        """Text; a list makes lines 20 units apart. Returns the y of the last line."""
        for i, one in enumerate([s] if isinstance(s, str) else s):
            self.el("text", cls, esc(one), x=x, y=y + 20 * i, text_anchor=anchor, **a)
        return y + 20 * (0 if isinstance(s, str) else len(s) - 1)

    def arrow(self, x1, y1, x2, y2, cls, size=7, **a):
        self.line(x1, y1, x2, y2, cls, **a)
        self.head(x2, y2, degrees(atan2(y2 - y1, x2 - x1)), cls, size)

    def head(self, x, y, deg, cls, size=7):
        p = [
            (x - size * cos(radians(deg + s)), y - size * sin(radians(deg + s))) for s in (-28, 28)
        ]
        self.path(poly([p[0], (x, y), p[1]]), cls)

    def curve_arrow(self, pts, cls, size=7, **a):
        self.path(smooth(pts), cls, **a)
        (x1, y1), (x2, y2) = pts[-2], pts[-1]
        self.head(x2, y2, degrees(atan2(y2 - y1, x2 - x1)), cls, size)

    def leader(self, x1, y1, x2, y2):
        """A hair leader from a label to a small ring on the part."""
        d = hypot(x2 - x1, y2 - y1)
        self.line(x1, y1, x2 - (x2 - x1) / d * 3, y2 - (y2 - y1) / d * 3, "fig-muted")
        self.circle(x2, y2, 2.6, "fig-fill")

    def hatch(self, pts, angle=45, gap=6, cls="m-fib", **a):
        """Parallel lines inside a polygon."""
        c, s = cos(radians(angle)), sin(radians(angle))
        rot = [(x * c + y * s, -x * s + y * c) for x, y in pts]
        y, top, d = min(p[1] for p in rot) + gap / 2, max(p[1] for p in rot), ""
        while y < top:
            xs = []
            for (ax, ay), (bx, by) in zip(rot, rot[1:] + rot[:1]):
                if (ay <= y) != (by <= y):
                    xs.append(ax + (y - ay) / (by - ay) * (bx - ax))
            xs.sort()
            for x1, x2 in zip(xs[::2], xs[1::2]):
                d += poly([(x1 * c - y * s, x1 * s + y * c), (x2 * c - y * s, x2 * s + y * c)])
            y += gap
        self.path(d, cls, **a)

    def ground(self, x1, x2, y):
        self.line(x1, y, x2, y, "fig-ink")
        d, x = "", x1 + 4
        while x < x2:
            d += f"M{n(x)} {n(y + 2)}l-5 6"
            x += 9
        self.path(d, "m-fib")

    def ring(self, x, y, letter, kind, r=14):
        """A letter in a ring, as the contraindication callouts carry."""
        self.circle(x, y, r, f"fig-fill fig-{kind}")
        self.text(
            x, y + 5.5, letter, f"fig-tb fig-{kind}-fill" if kind != "ink" else "fig-tb", "middle"
        )

    # -- the body, as a lay figure of tapered parts with engraved fibres

    def part(self, p, q, prof, fibres=0, cls="fig-fill", side=1, cap=0.8, fcls="m-fib", **a):
        """A tapered part from p to q. prof: (t, half-width left, half-width right) along its length."""
        L = hypot(q[0] - p[0], q[1] - p[1]) or 1
        u = ((q[0] - p[0]) / L, (q[1] - p[1]) / L)
        v = (u[1], -u[0])
        prof = [t if len(t) == 3 else (t[0], t[1], t[1]) for t in prof]
        at = lambda t, w: (p[0] + u[0] * L * t + v[0] * w, p[1] + u[1] * L * t + v[1] * w)
        e0, e1 = prof[0], prof[-1]
        pts = [at(t, l) for t, l, r in prof]
        pts += [at(1 + cap * (e1[1] + e1[2]) / 2 / L, (e1[1] - e1[2]) / 2)] if cap else []
        pts += [at(t, -r) for t, l, r in reversed(prof)]
        pts += [at(-cap * (e0[1] + e0[2]) / 2 / L, (e0[1] - e0[2]) / 2)] if cap else []
        self.path(smooth(pts, True), cls, **a)
        d = ""
        for i in range(fibres):
            k = side * (0.82 - 1.25 * i / max(fibres, 2))
            t0, t1 = (
                0.06 + 0.1 * (i % 3) + 0.05 * (i % 2),
                0.95 - 0.09 * ((i + 1) % 3) - 0.04 * (i % 2),
            )
            row = []
            for j in range(6):
                t = t0 + (t1 - t0) * j / 5
                for (ta, la, ra), (tb, lb, rb) in zip(prof, prof[1:]):
                    if ta <= t <= tb:
                        s = (t - ta) / (tb - ta)
                        w = (la + (lb - la) * s) if k > 0 else (ra + (rb - ra) * s)
                        row.append(at(t, k * w))
                        break
            if len(row) > 2:
                d += smooth(row)
        if d:
            self.path(d, fcls)

    def bone(self, p, q, w, cls="bone"):
        self.part(
            p,
            q,
            [
                (0, w),
                (0.08, w * 0.95),
                (0.22, w * 0.5),
                (0.5, w * 0.42),
                (0.78, w * 0.5),
                (0.92, w * 0.95),
                (1, w),
            ],
            cls=cls,
            cap=0.7,
        )

    def muscle(self, p, q, w, fibres=7, a=0.16, b=0.84, bow=0):
        """A spindle with tendons; fibres run tendon to tendon. bow bends the belly to one side."""
        L = hypot(q[0] - p[0], q[1] - p[1])
        u = ((q[0] - p[0]) / L, (q[1] - p[1]) / L)
        v = (u[1], -u[0])
        at = lambda t, k: (
            p[0] + u[0] * L * t + v[0] * (k + bow * 4 * t * (1 - t)),
            p[1] + u[1] * L * t + v[1] * (k + bow * 4 * t * (1 - t)),
        )
        wide = lambda t: (
            1.6 + (w - 1.6) * max(0, sin(pi * min(1, max(0, (t - a) / (b - a))))) ** 0.8
        )
        ts = [i / 16 for i in range(17)]
        edge = [at(t, wide(t)) for t in ts] + [at(t, -wide(t)) for t in reversed(ts)]
        self.path(smooth(edge, True), "m-body")
        d = ""
        for i in range(fibres):
            k = -1 + 2 * (i + 0.5) / fibres
            d += smooth(
                [
                    at(t, k * wide(t))
                    for t in [a + (b - a) * (0.02 + 0.96 * j / 10) for j in range(11)]
                ]
            )
        self.path(d, "m-fib")
        self.path(smooth(edge, True), "m-edge")

    def foot(self, ankle, angle, size, cls="fig-fill", **a):
        """Side view; angle is the direction of the toes, degrees from straight down."""
        c, s = sin(radians(angle)), cos(radians(angle))
        local = [
            (-0.3, 0.1),
            (-0.36, 0.3),
            (-0.2, 0.42),
            (0.2, 0.36),
            (0.62, 0.42),
            (0.92, 0.4),
            (0.98, 0.27),
            (0.7, 0.12),
            (0.34, -0.08),
            (0.16, -0.26),
            (-0.2, -0.26),
        ]
        pts = [
            (ankle[0] + size * (x * c - y * s), ankle[1] + size * (x * s + y * c)) for x, y in local
        ]
        self.path(smooth(pts, True), cls, **a)
        return pts

    def hand(self, wrist, angle, size, flip=1, thumb=1):
        """Side view of a flat hand with its thumb; angle is where the fingers point, degrees from straight down."""
        c, s = sin(radians(angle)), cos(radians(angle))
        tr = lambda pts: [
            (wrist[0] + size * (x * c - flip * y * s), wrist[1] + size * (x * s + flip * y * c))
            for x, y in pts
        ]
        self.path(
            smooth(
                tr(
                    [
                        (-0.06, -0.13),
                        (0.16, -0.18),
                        (0.36, -0.17),
                        (0.56, -0.12),
                        (0.8, -0.07),
                        (0.97, -0.02),
                        (1, 0.04),
                        (0.9, 0.07),
                        (0.66, 0.08),
                        (0.54, 0.1),
                        (0.64, 0.1 + 0.1 * thumb),
                        (0.68, 0.1 + 0.17 * thumb),
                        (0.62, 0.1 + 0.21 * thumb),
                        (0.42, 0.1 + 0.15 * thumb),
                        (0.24, 0.1 + 0.1 * thumb),
                        (0.06, 0.15),
                        (-0.06, 0.13),
                    ]
                ),
                True,
            ),
            "fig-fill",
        )
        self.path(
            smooth(tr([(0.54, 0.1), (0.44, 0.1), (0.3, 0.06)]))
            + smooth(tr([(0.5, -0.06), (0.68, -0.03), (0.92, 0.01)]))
            + smooth(tr([(0.1, -0.1), (0.22, -0.12), (0.34, -0.1)])),
            "m-fib",
        )

    def face(self, c, r, tilt=0, cls="fig-fill", look=1):
        """Head in profile, looking right (look=1) or left; tilt in degrees, forward positive."""
        local = [
            (-0.62, 0.1),
            (-0.66, -0.4),
            (-0.3, -0.92),
            (0.25, -0.98),
            (0.62, -0.62),
            (0.66, -0.22),
            (0.82, 0.12),
            (0.66, 0.2),
            (0.66, 0.42),
            (0.58, 0.68),
            (0.3, 0.82),
            (0.02, 0.62),
            (-0.32, 0.62),
        ]
        t = radians(tilt)
        pts = [
            (c[0] + look * r * (x * cos(t) - y * sin(t)), c[1] + r * (x * sin(t) + y * cos(t)))
            for x, y in local
        ]
        self.path(smooth(pts, True), cls)

    def svg(self):
        body = "\n".join(self.parts)
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {W} {n(self.h)}" class="fig">\n{body}\n</svg>\n'


# half-widths of the parts of the lay figure, in parts of standing height
THIGH = [(0, 0.05, 0.052), (0.25, 0.054, 0.05), (0.6, 0.044, 0.04), (1, 0.029, 0.029)]
SHANK = [(0, 0.028, 0.03), (0.25, 0.026, 0.036), (0.6, 0.021, 0.026), (1, 0.016, 0.017)]
UPPER = [(0, 0.029, 0.029), (0.35, 0.028, 0.027), (1, 0.019, 0.019)]
FORE = [(0, 0.02, 0.02), (0.25, 0.022, 0.022), (1, 0.012, 0.012)]
HAND = [(0, 0.012, 0.012), (0.45, 0.017, 0.016), (1, 0.007, 0.007)]
TRUNK = [
    (0, 0.056, 0.064),
    (0.18, 0.058, 0.066),
    (0.45, 0.058, 0.05),
    (0.75, 0.074, 0.064),
    (0.95, 0.052, 0.056),
    (1, 0.035, 0.04),
]
NECK = [(0, 0.03, 0.03), (1, 0.026, 0.026)]


def scaled(prof, h):
    return [(t[0],) + tuple(w * h for w in t[1:]) for t in prof]


def side_body(
    f,
    hip,
    h,
    trunk,
    near_leg,
    far_leg,
    near_arm,
    far_arm,
    head_tilt=0,
    curve=0,
    far=None,
    fibres=True,
):
    """A figure from the side, facing right. Legs: thigh angle, knee flexion, ankle (dorsiflexion positive);
    arms: upper-arm angle, elbow flexion, wrist extension. Angles from straight down, forward positive; far is the opacity of the far limbs. Returns joints."""
    J = {}

    def leg(side, a):
        th, kn, an = a
        knee = to(hip, th, 0.245 * h)
        ank = to(knee, th - kn, 0.246 * h)
        J[side + "knee"], J[side + "ankle"] = knee, ank
        fb = 4 if side == "n" and fibres else 0
        f.foot(ank, th - kn + 90 + an, 0.115 * h)
        f.part(knee, ank, scaled(SHANK, h), fb, side=-1)
        f.part(hip, knee, scaled(THIGH, h), fb, side=-1)

    top = to(hip, 180 - trunk, 0.3 * h)  # base of the neck
    if curve:  # a rounded back: two parts
        mid = to(hip, 180 - trunk + curve, 0.16 * h)
        top = to(mid, 180 - trunk - curve, 0.16 * h)
    sh = lerp(top, hip, 0.13)

    def arm(side, a):
        up, el, wr = a
        elb = to(sh, up, 0.18 * h)
        wri = to(elb, up + el, 0.15 * h)
        tip = to(wri, up + el + wr, 0.085 * h)
        J[side + "elbow"], J[side + "wrist"], J[side + "tip"] = elb, wri, tip
        fb = 3 if side == "n" and fibres else 0
        f.part(wri, tip, scaled(HAND, h))
        f.part(elb, wri, scaled(FORE, h), fb, side=-1)
        f.part(sh, elb, scaled(UPPER, h), fb, side=-1)

    f.add(f'<g opacity="{far}">' if far else "<g>")
    if far_arm:
        arm("f", far_arm)
    leg("f", far_leg)
    f.add("</g>")
    leg("n", near_leg)
    neck = to(top, 180 - trunk - 14 - head_tilt * 0.4, 0.055 * h)
    f.part(top, neck, scaled(NECK, h))
    head = to(neck, 180 - trunk * 0.5 - 10 - head_tilt * 0.8, 0.058 * h)
    f.face(head, 0.068 * h, head_tilt + trunk * 0.35)
    if curve:
        f.part(
            mid,
            top,
            scaled([(0, 0.056, 0.06), (0.5, 0.07, 0.066), (0.9, 0.05, 0.056), (1, 0.034, 0.04)], h),
            4 if fibres else 0,
            side=-1,
        )
        f.part(
            hip,
            mid,
            scaled([(0, 0.056, 0.064), (0.4, 0.056, 0.064), (1, 0.056, 0.056)], h),
            4 if fibres else 0,
            side=-1,
        )
    else:
        f.part(hip, top, scaled(TRUNK, h), 5 if fibres else 0, side=-1)
    if near_arm:
        arm("n", near_arm)
    J.update(hip=hip, top=top, sh=sh, head=head)
    return J


def stand(x, base, h, *legs):
    """Where the hip must be for the lower foot to rest on base."""
    low = 0
    for th, kn, an in legs:
        ank = to(to((0, 0), th, 0.245 * h), th - kn, 0.246 * h)
        low = max([low] + [y for _, y in Fig(0).foot(ank, th - kn + 90 + an, 0.115 * h)])
    return (x, base - low)


def figure(fid, title, view, alt, caption, review):
    """Registers a drawing function with the words that go beside it."""

    def wrap(fn):
        FIGURES[fid] = (
            fn,
            dict(
                id=fid,
                title=title,
                view=view,
                alt=alt,
                caption=caption,
                credit="Palpate, own drawing",
                key=[],
                review=review,
            ),
        )
        return fn

    return wrap


def q(s):
    return json.dumps(curly(s), ensure_ascii=False)


def write(fid):
    fn, meta = FIGURES[fid]
    f = fn()
    svg = f.svg()
    (OUT / f"{fid}.svg").write_text(svg, encoding="utf-8")
    (OUT / f"{fid}.yaml").write_text(
        "".join(f"{k}: {'[]' if v == [] else q(v)}\n" for k, v in meta.items()), encoding="utf-8"
    )


# ---------------------------------------------------------------- the figures


@figure(
    "planes-axes",
    "Planes and axes",
    "Oblique view from the front and the person's left, anatomical position",
    "The same standing figure three times, each cut by one plane. The sagittal plane divides left from right; flexion and extension happen in it, about an axis running from side to side. "
    "The frontal plane divides front from back; abduction and adduction happen in it, about an axis from front to back. The transverse plane divides upper from lower; rotation happens in it, about an upright axis.",
    "Each plane has one axis at a right angle to it. A movement is named by the plane it stays in; the joint turns about the axis.",
    ANATOMY,
)
def planes_axes():
    f = Fig(690)
    ya, pi_ = radians(34), radians(13)

    def proj(o, x, y, z):
        d = x * sin(ya) + z * cos(ya)
        return (
            o[0] + 180 * (x * cos(ya) - z * sin(ya)),
            o[1] + 180 * (-y * cos(pi_) + d * sin(pi_)),
        )

    def body(o, which):
        """which: far (the person's right), mid, near; or low / high for the transverse cut."""
        P = lambda x, y, z=0: proj(o, x, y, z)
        h = 180

        def leg(s):
            hip, knee, ank = P(s * 0.065, 0.52), P(s * 0.075, 0.28, 0.01), P(s * 0.08, 0.045)
            toe = P(s * 0.1, 0.0, 0.13)
            f.part(ank, toe, scaled([(0, 0.024, 0.024), (0.6, 0.026, 0.026), (1, 0.02, 0.02)], h))
            f.part(knee, ank, scaled(SHANK, h), 3)
            f.part(hip, knee, scaled(THIGH, h), 4)

        def upper(s):
            f.part(P(s * 0.15, 0.80), P(s * 0.185, 0.625), scaled(UPPER, h), 3)

        def fore(s):
            f.part(P(s * 0.205, 0.48, 0.02), P(s * 0.215, 0.40, 0.03), scaled(HAND, h))
            f.part(P(s * 0.185, 0.625), P(s * 0.205, 0.48, 0.02), scaled(FORE, h), 2)

        def low_trunk():
            f.part(
                P(0, 0.625),
                P(0, 0.53),
                scaled([(0, 0.082, 0.082), (0.6, 0.1, 0.1), (1, 0.09, 0.09)], h),
                4,
                cap=0.5,
            )

        def high_trunk():
            f.part(
                P(0, 0.85),
                P(0, 0.625),
                scaled(
                    [(0, 0.06, 0.06), (0.16, 0.13, 0.13), (0.5, 0.115, 0.115), (1, 0.082, 0.082)], h
                ),
                6,
                cap=0.45,
            )

        def head():
            f.part(P(0, 0.84), P(0, 0.89), scaled(NECK, h))
            c = P(0, 0.955, 0.01)
            f.path(
                smooth(
                    [
                        (c[0] + 13 * x, c[1] + 16.5 * y)
                        for x, y in [
                            (0, -1),
                            (0.75, -0.7),
                            (0.95, 0),
                            (0.55, 0.75),
                            (-0.05, 1.05),
                            (-0.65, 0.75),
                            (-0.98, 0),
                            (-0.75, -0.7),
                        ]
                    ],
                    True,
                ),
                "fig-fill",
            )

        if which == "far":
            leg(-1), fore(-1), upper(-1)
        if which == "mid":
            low_trunk(), high_trunk(), head()
        if which == "near":
            leg(1), fore(1), upper(1)
        if which == "low":
            fore(-1), leg(-1), leg(1), low_trunk(), fore(1)
        if which == "high":
            upper(-1), high_trunk(), upper(1), head()

    def plane(o, pts):
        d = poly([proj(o, *p) for p in pts], True)
        f.path(d, "fig-sunk", opacity=0.82)
        f.path(d, "fig-accent")

    def axis(o, a, b):
        f.line(*proj(o, *a), *proj(o, *b), "fig-action", stroke_dasharray="7 4")
        for p in (a, b):
            f.circle(*proj(o, *p), 3.2, "fig-action-fill")

    def words(y, name, cut, ax, moves):
        f.text(236, y, name, "fig-tb fig-accent-fill")
        f.text(236, y + 24, cut)
        f.text(236, y + 56, "Axis", "fig-tb fig-action-fill")
        f.text(274, y + 56, ax)
        f.text(236, y + 88, "Movements in it", "fig-tm")
        f.text(236, y + 110, moves)

    # sagittal
    o = (112, 205)
    body(o, "far"), body(o, "mid")
    plane(o, [(0, -0.02, -0.4), (0, 1.08, -0.4), (0, 1.08, 0.4), (0, -0.02, 0.4)])
    f.add(
        '<clipPath id="planes-axes-near"><path d="'
        + poly(
            [
                (o[0] - 6, 0),
                (o[0] - 8, 55),
                (o[0] - 11, 70),
                (o[0] - 11, 115),
                (o[0] - 9, 135),
                (o[0], 140),
                (220, 140),
                (220, 0),
            ],
            True,
        )
        + '"/></clipPath>'
    )
    f.add('<g clip-path="url(#planes-axes-near)">')
    body(o, "mid")
    f.add("</g>")
    body(o, "near")
    axis(o, (-0.36, 0.53, 0), (0.4, 0.53, 0))
    words(58, "Sagittal plane", "left from right", "side to side", ["flexion, extension"])
    f.line(0, 228, W, 228, "fig-hair")
    # frontal
    o = (112, 434)
    plane(o, [(-0.42, -0.02, 0), (-0.42, 1.08, 0), (0.42, 1.08, 0), (0.42, -0.02, 0)])
    for w in ("far", "mid", "near"):
        body(o, w)
    axis(o, (0, 0.53, -0.42), (0, 0.53, 0.44))
    words(
        288,
        "Frontal plane",
        "front from back",
        "front to back",
        ["abduction, adduction,", "side-bending"],
    )
    f.line(0, 458, W, 458, "fig-hair")
    # transverse
    o = (112, 665)
    body(o, "low")
    plane(o, [(-0.38, 0.62, -0.36), (0.38, 0.62, -0.36), (0.38, 0.62, 0.36), (-0.38, 0.62, 0.36)])
    body(o, "high")
    axis(o, (0, 1.13, 0), (0, 0.62, 0))
    words(
        518,
        "Transverse plane",
        "upper from lower",
        "upright",
        ["rotation, pronation,", "supination"],
    )
    return f


@figure(
    "lever-classes",
    "Three classes of lever",
    "Schematic, with one joint for each class",
    "Three levers, each as a bar and as a part of the body. First class: the fulcrum lies between effort and load, as when the neck extensors hold the head up over the atlas. "
    "Second class: the load lies between fulcrum and effort, as when the calf lifts the body over the ball of the foot. Third class: the effort lies between fulcrum and load, as when biceps holds a weight in the hand.",
    "Look at what lies in the middle: fulcrum, load or effort. Most muscles work as third-class levers: the effort is larger than the load, and the hand moves far and fast. Source: OpenStax, Anatomy and Physiology 2e, 2022, chapter 11.",
    ANATOMY,
)
def lever_classes():
    f = Fig(748)

    def bar(y, ful, eff, load, eup, lup):
        """The lever as a bar; eup/lup: +1 the arrow points up."""
        f.path(poly([(ful, y + 4), (ful - 11, y + 24), (ful + 11, y + 24)], True), "fig-fill")
        f.rect(14, y - 4, 172, 8, "fig-fill")
        for x, up, cls in ((eff, eup, "fig-accent fig-wide"), (load, lup, "fig-ink fig-wide")):
            if up > 0:
                f.arrow(x, y - 6, x, y - 46, cls, 9)
            else:
                f.arrow(x, y - 46, x, y - 7, cls, 9)
        f.text(ful, y + 42, "fulcrum", "fig-t", "middle")
        f.text(eff, y - 54, "effort", "fig-t fig-accent-fill", "middle")
        f.text(load, y - 54, "load", "fig-t", "middle")

    def head(y, a, b):
        f.text(0, y, a, "fig-tb")
        f.text(0, y + 21, b, "fig-tm")

    # first class: the head on the atlas
    head(16, "First class", "fulcrum in the middle")
    bar(136, 100, 36, 164, -1, -1)
    skull = [
        (300, 140),
        (288, 120),
        (282, 96),
        (288, 66),
        (310, 46),
        (342, 42),
        (368, 54),
        (378, 78),
        (376, 92),
        (384, 110),
        (376, 114),
        (377, 124),
        (374, 134),
        (372, 146),
        (360, 154),
        (344, 150),
        (334, 142),
        (326, 142),
    ]
    f.path(smooth(skull, True), "fig-fill")
    f.path(
        smooth([(352, 84), (362, 82), (368, 90), (362, 97), (352, 94), (352, 84)])
        + smooth([(334, 142), (338, 128), (346, 120), (360, 118)])
        + smooth([(290, 70), (300, 84), (318, 84), (334, 70), (348, 50)]),
        "m-fib",
    )
    for i in range(5):
        f.rect(312 - i * 2.5, 146 + i * 13, 22, 10, "bone", rx=3)
    f.muscle((290, 128), (290, 212), 9, 5, bow=-2)
    f.circle(323, 142, 4, "fig-fill")
    f.arrow(270, 140, 270, 184, "fig-accent fig-wide", 9)
    f.arrow(362, 160, 362, 200, "fig-ink fig-wide", 9)
    f.text(260, 172, "neck", "fig-t fig-accent-fill", "end")
    f.text(260, 192, "extensors", "fig-t fig-accent-fill", "end")
    f.text(372, 190, ["weight of", "the head"])
    f.text(396, 142, "atlas", "fig-t")
    f.line(392, 138, 329, 142, "fig-muted")
    f.line(0, 244, W, 244, "fig-hair")

    # second class: rising on the toes
    head(270, "Second class", "load in the middle")
    bar(390, 166, 30, 92, 1, -1)
    f.ground(250, 430, 472)
    ank = (312, 400)
    f.muscle((286, 298), (286, 406), 14, 7, 0.02, 0.62, bow=-4)
    f.bone((312, 292), ank, 10)
    f.path(
        smooth(
            [
                (276, 404),
                (284, 398),
                (300, 402),
                (318, 400),
                (326, 408),
                (352, 430),
                (376, 452),
                (384, 466),
                (372, 470),
                (350, 452),
                (322, 436),
                (298, 428),
                (280, 424),
                (274, 414),
            ],
            True,
        ),
        "bone",
    )
    f.path(
        smooth([(374, 458), (396, 462), (412, 466), (412, 471), (392, 472), (374, 471)], True),
        "bone",
    )
    f.path(
        smooth([(308, 404), (322, 418), (352, 438)]) + smooth([(290, 404), (300, 414), (312, 424)]),
        "m-fib",
    )
    f.arrow(262, 406, 262, 356, "fig-accent fig-wide", 9)
    f.arrow(340, 340, 340, 392, "fig-ink fig-wide", 9)
    f.text(254, 372, "calf", "fig-t fig-accent-fill", "end")
    f.text(352, 362, "body", "fig-t")
    f.text(352, 381, "weight", "fig-t")
    f.circle(376, 464, 5, "fig-fill")
    f.leader(404, 438, 378, 463)
    f.text(437, 432, "ball of foot", "fig-t", "end")
    f.line(0, 502, W, 502, "fig-hair")

    # third class: biceps
    head(528, "Third class", "effort in the middle")
    bar(650, 34, 72, 168, 1, -1)
    el = (276, 664)
    f.muscle((268, 548), (304, 657), 16, 8, 0.12, 0.84, bow=7)
    f.bone((262, 540), el, 11)
    f.bone(el, (392, 664), 8)
    f.path(
        smooth([(392, 657), (410, 654), (424, 658), (426, 667), (414, 673), (394, 671)], True),
        "fig-fill",
    )
    f.circle(412, 642, 13, "fig-sunk")
    f.circle(412, 642, 13, "fig-ink")
    f.circle(*el, 4, "fig-fill")
    f.arrow(330, 652, 322, 608, "fig-accent fig-wide", 9)
    f.arrow(412, 676, 412, 712, "fig-ink fig-wide", 9)
    f.text(330, 596, "biceps", "fig-t fig-accent-fill")
    f.text(412, 732, "weight in hand", "fig-t", "end")
    f.leader(266, 700, el[0] - 2, el[1] + 3)
    f.text(268, 718, "elbow", "fig-t", "middle")
    return f


# joint angles of comfortable walking, every 5 % of the cycle (flexion and dorsiflexion positive)
GAIT_HIP = [28, 27, 25, 20, 14, 8, 3, -2, -6, -10, -11, -9, -3, 6, 14, 20, 25, 28, 29, 29, 28]
GAIT_KNEE = [4, 10, 17, 19, 17, 13, 9, 6, 6, 8, 13, 24, 38, 52, 60, 61, 54, 39, 21, 7, 4]
GAIT_ANKLE = [0, -5, -3, 1, 4, 6, 7, 9, 10, 10, 7, -3, -14, -16, -11, -5, -1, 1, 1, 1, 0]


def gait(percent):
    i, t = divmod((percent % 100) / 5, 1)
    i = int(i)
    return [row[i] + (row[(i + 1) % 21] - row[i]) * t for row in (GAIT_HIP, GAIT_KNEE, GAIT_ANKLE)]


def footing(x, base, h, *legs):
    """Hip and legs of a walking step: every foot in stance meets the ground, a foot in swing clears it by a little."""
    reach = lambda leg: base - stand(x, base, h, leg)[1]
    bent = lambda leg, d: (leg[0], leg[1] + d, leg[2] + 0.6 * d)
    (a, near), (b, far) = legs
    down = [pc % 100 < 62 for pc in (a, b)]
    if all(down):  # the trailing leg bends and the leading thigh drops until both reach equally far
        while abs(reach(near) - reach(far)) > 0.3:
            longer = reach(near) > reach(far)
            give = lambda leg: (leg[0] - 0.4 if leg[0] > 0 else leg[0], leg[1], leg[2] - 0.2)
            near = bent(near, 0.5) if longer else give(near)
            far = give(far) if longer else bent(far, 0.5)
    while not down[0] and reach(near) > reach(far) - 2.5:
        near = bent(near, 0.5)
    while not down[1] and reach(far) > reach(near) - 2.5:
        far = bent(far, 0.5)
    return (x, base - min(reach(leg) for leg, on in zip((near, far), down) if on)), near, far


@figure(
    "gait-cycle",
    "The walking cycle",
    "From the right side; the shaded leg is followed",
    "Eight figures of one walking cycle, followed by the right leg: initial contact, loading, mid stance, terminal stance and pre-swing with the foot on the ground, then initial, mid and terminal swing. "
    "Stance takes about 60 per cent of the cycle and swing about 40 per cent. Twice, for about a tenth of the cycle, both feet are on the ground; in running this double support gives way to flight.",
    "One stride of the right leg, in per cent of the cycle; values for comfortable walking. In running, stance takes less than half the stride and double support gives way to flight. Angles are typical, not measured here.",
    ANATOMY,
)
def gait_cycle():
    f = Fig(690)
    steps = [
        (0, ["Initial", "contact"]),
        (7, ["Loading", "response"]),
        (22, ["Mid", "stance"]),
        (43, ["Terminal", "stance"]),
        (57, ["Pre-", "swing"]),
        (68, ["Initial", "swing"]),
        (80, ["Mid", "swing"]),
        (94, ["Terminal", "swing"]),
    ]
    h = 165
    for i, (pc, name) in enumerate(steps):
        cx, base = 56 + 110 * (i % 4), 188 + 256 * (i // 4)
        near, far = gait(pc), gait(pc + 50)
        swing = 24 * cos(radians(3.6 * pc))
        hip, near, far = footing(cx, base, h, (pc, near), (pc + 50, far))
        side_body(f, hip, h, 3, near, far, (-swing, 14, 0), (swing, 14, 0), far=0.45)
        f.line(cx - 50, base, cx + 50, base, "fig-thin")
        f.text(cx, base + 22, name[0], "fig-t", "middle")
        f.text(cx, base + 41, name[1], "fig-t", "middle")
    # the bar
    x0, x1 = 0, 440
    X = lambda p: x0 + (x1 - x0) * p / 100
    y = 528
    for p in range(0, 101, 10):
        f.line(X(p), y, X(p), y + 92, "fig-hair")
    f.text(0, y - 8, "0 %", "fig-tm")
    f.text(X(50), y - 8, "50", "fig-tm", "middle")
    f.text(440, y - 8, "100 % of the cycle", "fig-tm", "end")
    f.rect(0, y + 8, X(60), 30, "fig-fill")
    f.hatch([(1, y + 9), (X(60) - 1, y + 9), (X(60) - 1, y + 37), (1, y + 37)], 60, 7, opacity=0.35)
    f.rect(X(15), y + 12, X(30), 22, "m-body")
    f.text(X(30), y + 28, "stance, about 60 %", "fig-t", "middle")
    f.text(X(80), y + 28, "swing, about 40 %", "fig-t", "middle")
    f.line(X(60), y + 38, X(100), y + 38, "fig-muted", stroke_dasharray="3 4")
    # the other leg
    f.rect(0, y + 54, X(10), 22, "fig-fill")
    f.rect(X(50), y + 54, X(50), 22, "fig-fill")
    f.text(X(30), y + 70, "other leg: swing", "fig-tm", "middle")
    f.text(X(77), y + 70, "stance", "fig-tm", "middle")
    for a in (0, 50):
        f.line(X(a), y + 88, X(a + 10), y + 88, "fig-accent fig-wide")
    f.text(0, y + 112, "both feet", "fig-t fig-accent-fill")
    f.text(X(50), y + 112, "both feet down, about 10 % each", "fig-t fig-accent-fill", None)
    f.text(
        0,
        y + 146,
        ["Running: stance is under half the stride;", "the double support gives way to flight."],
        "fig-tm",
    )
    f.h = y + 172
    return f


@figure(
    "throwing-phases",
    "Six phases of a throw",
    "Right-handed thrower; the throw goes to the right",
    "Six line figures of an overhead throw: wind-up, stride, late cocking, acceleration, deceleration and follow-through. The shoulder reaches its greatest external rotation at the end of late cocking, "
    "turns inward very fast in acceleration, and is braked after release by the muscles at the back of the shoulder. The trunk and legs lead the arm throughout.",
    "The arm is the last link: legs, pelvis and trunk move first. After release, infraspinatus, teres minor and the posterior deltoid brake the arm by working while they lengthen. Phase names follow common use; poses are drawn, not measured.",
    ANATOMY,
)
def throwing_phases():
    f = Fig(802)
    # joints in a box 100 wide and 120 high, ground at y = 120; t: throwing arm, g: glove arm, d: drive (right) leg, s: stride leg
    poses = [
        (
            "1  Wind-up",
            ["weight over the", "drive leg"],
            dict(
                head=(50, 14),
                top=(49, 27),
                hip=(47, 63),
                te=(58, 44),
                tw=(66, 34),
                ge=(62, 45),
                gw=(68, 35),
                sk=(70, 62),
                sa=(64, 84),
                st=92,
                dk=(49, 90),
                da=(44, 116),
                dt=90,
            ),
            "gs dt",
        ),
        (
            "2  Stride",
            ["arms part, the", "front foot lands"],
            dict(
                head=(42, 20),
                top=(41, 33),
                hip=(41, 67),
                te=(21, 40),
                tw=(10, 26),
                ge=(62, 36),
                gw=(78, 40),
                sk=(63, 84),
                sa=(80, 116),
                st=92,
                dk=(26, 89),
                da=(8, 113),
                dt=70,
            ),
            "",
        ),
        (
            "3  Late cocking",
            ["greatest external", "rotation"],
            dict(
                head=(53, 22),
                top=(50, 35),
                hip=(44, 69),
                te=(38, 27),
                tw=(17, 31),
                ge=(66, 47),
                gw=(58, 60),
                sk=(67, 84),
                sa=(76, 116),
                st=92,
                dk=(27, 89),
                da=(6, 111),
                dt=52,
            ),
            "T",
        ),
        (
            "4  Acceleration",
            ["fast internal rotation", "until release"],
            dict(
                head=(60, 27),
                top=(57, 40),
                hip=(46, 70),
                te=(64, 22),
                tw=(78, 6),
                ge=(66, 57),
                gw=(54, 64),
                sk=(69, 86),
                sa=(76, 116),
                st=92,
                dk=(29, 92),
                da=(6, 104),
                dt=38,
            ),
            "",
        ),
        (
            "5  Deceleration",
            ["back of the shoulder", "brakes the arm"],
            dict(
                head=(68, 34),
                top=(63, 46),
                hip=(47, 68),
                te=(80, 52),
                tw=(97, 58),
                ge=(58, 66),
                gw=(46, 62),
                sk=(70, 86),
                sa=(75, 116),
                st=92,
                dk=(29, 88),
                da=(7, 96),
                dt=22,
            ),
            "B",
        ),
        (
            "6  Follow-through",
            ["trunk and legs take up", "what is left"],
            dict(
                head=(76, 46),
                top=(68, 55),
                hip=(50, 67),
                te=(74, 76),
                tw=(66, 96),
                ge=(56, 74),
                gw=(44, 66),
                sk=(71, 86),
                sa=(74, 116),
                st=92,
                dk=(36, 86),
                da=(15, 82),
                dt=10,
            ),
            "",
        ),
    ]
    k = 1.75
    h = 132 * k / 1.15
    for i, (name, note, P, marks) in enumerate(poses):
        ox, oy = 14 + 226 * (i % 2), (0, 286, 526)[i // 2]
        g = lambda key: (ox + P[key][0] * k, oy + P[key][1] * k)
        base = oy + 120 * k
        f.line(ox - 6, base, ox + 196, base, "fig-thin")
        top, hip = g("top"), g("hip")
        sh = lerp(top, hip, 0.1)

        def arm(e, w, fb=0):
            e, w = g(e), g(w)
            f.part(w, to(w, degrees(atan2(w[0] - e[0], w[1] - e[1])), 0.05 * h), scaled(HAND, h))
            f.part(e, w, scaled(FORE, h), fb)
            f.part(sh, e, scaled(UPPER, h), fb)

        def leg(kn, an, toe, fb=0):
            kn, an = g(kn), g(an)
            f.foot(an, P[toe], 0.085 * h)
            f.part(kn, an, scaled(SHANK, h * 0.9), fb)
            f.part(hip, kn, scaled(THIGH, h * 0.9), fb)

        # the person faces us in phases 1 to 3 and turns towards the target after
        front = i < 3
        if not front:
            arm("ge", "gw")
        leg("dk", "da", "dt")
        leg("sk", "sa", "st", 3)
        f.part(top, lerp(top, g("head"), 0.5), scaled(NECK, h * 0.9))
        f.face(
            g("head"), 0.062 * h, degrees(atan2(g("head")[0] - top[0], top[1] - g("head")[1])) * 0.6
        )
        f.part(hip, top, scaled(TRUNK, h * 0.92), 5, side=-1)
        if front:
            arm("ge", "gw")
        arm("te", "tw", 3)
        if "T" in marks:
            f.curve_arrow(arc_pts(g("te")[0], g("te")[1], 42, 34, 275, 205, 10), "fig-accent")
        if i == 3:
            f.curve_arrow(arc_pts(sh[0] + 2, sh[1] - 22, 58, 52, 232, 300, 10), "fig-accent")
            f.circle(g("tw")[0] + 14, g("tw")[1] - 2, 5, "fig-fill")
        if "B" in marks:
            f.path(
                smooth(
                    [
                        lerp(sh, hip, 0.02),
                        (sh[0] + 4, sh[1] - 13),
                        (sh[0] + 22, sh[1] - 7),
                        lerp(sh, g("te"), 0.75),
                    ]
                ),
                "fig-accent fig-wide",
            )
        if i in (1, 2, 0):
            tw = g("tw")
            te = g("te")
            hnd = to(tw, degrees(atan2(tw[0] - te[0], tw[1] - te[1])), 0.1 * h)
            f.circle(*hnd, 5, "fig-fill")
        f.text(ox - 6, base + 22, name, "fig-tb")
        f.text(ox - 6, base + 42, note, "fig-tm")
    return f


@figure(
    "goniometer-knee",
    "Measuring knee flexion",
    "Right knee from the outer side, lying on the back",
    "A right leg lying on its back with the knee bent, bones drawn in. The goniometer's axis sits over the lateral epicondyle of the femur, its fixed arm points along the thigh to the greater trochanter, "
    "its moving arm along the fibula to the lateral malleolus. The angle is counted from the straight line of the thigh; here it reads 110 degrees.",
    "Axis, fixed arm, moving arm: three landmarks, felt before the instrument is laid on. A straight knee is 0°; repeat readings should agree within 5°.",
    ANATOMY,
)
def goniometer_knee():
    f = Fig(500)
    reading = 110
    troch, c = (74, 352), (226, 182)
    line = degrees(atan2(troch[1] - c[1], troch[0] - c[0]))  # the thigh, from the axis

    def along(deg, r, aside=0):
        a = radians(deg)
        return (c[0] + r * cos(a) - aside * sin(a), c[1] + r * sin(a) + aside * cos(a))

    leg = line - (180 - reading)
    mall = along(leg, 214)
    ank = along(leg, 220, -12)
    f.ground(0, 440, 410)
    # soft outline
    f.foot((ank[0] + 4, 410 - 0.42 * 90), 90, 90)
    f.part(
        c,
        ank,
        [(0, 40, 36), (0.2, 36, 48), (0.5, 28, 44), (0.8, 20, 24), (1, 19, 22)],
        0,
        cap=0.3,
    )
    f.part((52, 380), c, [(0, 62, 46), (0.3, 62, 46), (0.7, 46, 42), (1, 36, 40)], 0, cap=0.4)
    # bones: femur with its neck and head behind the trochanter, tibia, fibula, kneecap
    f.circle(66, 366, 13, "bone")
    f.bone(troch, c, 15)
    f.bone(along(leg, 12, -10), along(leg, 208, -16), 13)
    f.bone(along(leg, 30, 9), mall, 6)
    f.part((250, 150), (267, 178), [(0, 6, 8), (0.5, 9, 9), (1, 4, 4)], cls="bone")

    # the instrument
    def arm(deg, r, w=7):
        corners = [along(deg, 0, w), along(deg, r, w), along(deg, r, -w), along(deg, 0, -w)]
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = [(n(x), n(y)) for x, y in corners]
        f.path(f"M{x0} {y0}L{x1} {y1}A{w} {w} 0 0 0 {x2} {y2}L{x3} {y3}Z", "fig-fill")
        f.line(c[0], c[1], *along(deg, r - 4), "fig-ink")

    arm(line, 188)
    arm(leg, 176)
    f.circle(*c, 30, "fig-fill")
    for i in range(36):
        r = 24 if i % 3 else 20
        a = line + i * 10
        f.line(*along(a, 28), *along(a, r), "m-fib")
    for deg in (line, leg):
        f.line(*along(deg, -16), *along(deg, 30), "fig-ink")
    # the angle
    ext = along(line, -128)
    f.line(*along(line, -32), *ext, "fig-muted", stroke_dasharray="4 5")
    f.curve_arrow(arc_pts(c[0], c[1], 96, 96, line - 180, leg, 24), "fig-accent")
    f.text(338, 176, f"{reading}°", "fig-num fig-accent-fill")
    f.text(338, 200, "of flexion", "fig-t fig-accent-fill")
    f.text(304, 62, "line of the thigh: 0°", "fig-tm")

    # labels
    def lab(x, y, part, where, tx, ty, lx, ly):
        f.leader(lx, ly, tx, ty)
        f.text(x, y - 20, part, "fig-tb")
        f.text(x, y, where, "fig-t")

    lab(0, 62, "Axis", ["lateral epicondyle", "of the femur"], *c, 118, 88)
    f.circle(*c, 4, "fig-accent-fill")
    lab(0, 162, "Fixed arm", ["to the greater", "trochanter"], *along(line, 120), 74, 188)
    lab(
        258,
        452,
        "Moving arm",
        ["along the fibula to", "the lateral malleolus"],
        *mall,
        mall[0],
        414,
    )
    lab(0, 452, "Greater trochanter", "felt at the side of the hip", *troch, 62, 414)
    return f


@figure(
    "demands-matrix",
    "What a sport asks of the body",
    "Dot matrix, ten regions by six sports",
    "A grid of body regions against six sports. Filled dots mark where a sport asks most, rings where it asks something. Running and football load calf, hamstrings and hip most; cycling the quadriceps and gluteals; "
    "rowing the legs, trunk and grip; swimming the shoulder and trunk; overhead throwing the shoulder, trunk and forearm.",
    "A teaching sketch derived from the movement of each sport, not from measurement. Start from it, then ask this athlete about event, position, style and training load.",
    ANATOMY,
)
def demands_matrix():
    f = Fig(560)
    sports = ["Running", "Football", "Cycling", "Rowing", "Swimming", "Throwing"]
    rows = [
        ("Shoulder and cuff", "...122"),
        ("Forearm and grip", "..12.2"),
        ("Neck and upper back", "..1111"),
        ("Trunk and low back", "111222"),
        ("Hip flexors", "221111"),
        ("Adductors", "12..11"),
        ("Gluteals", "222211"),
        ("Quadriceps", "122211"),
        ("Hamstrings", "22111."),
        ("Calf and foot", "22111."),
    ]
    x0, dx, y0, dy = 178, 44, 112, 35
    for j, s in enumerate(sports):
        x = x0 + dx * j
        f.line(x, y0 - 6, x, y0 + dy * len(rows) - 10, "fig-hair")
        f.text(x + 3, y0 - 16, s, "fig-t", None, transform=f"rotate(-64 {n(x + 3)} {n(y0 - 16)})")
    for i, (name, marks) in enumerate(rows):
        y = y0 + 12 + dy * i
        f.line(0, y + dy / 2, x0 + dx * 5 + 22, y + dy / 2, "fig-hair")
        f.text(0, y + 5, name)
        for j, m in enumerate(marks):
            x = x0 + dx * j
            if m == "2":
                f.circle(x, y, 9.5, "fig-accent-fill")
            elif m == "1":
                f.circle(x, y, 6, "fig-fill")
    y = y0 + dy * len(rows) + 30
    f.circle(10, y, 9.5, "fig-accent-fill")
    f.text(26, y + 5, "asks most")
    f.circle(136, y, 6, "fig-fill")
    f.text(150, y + 5, "asks something")
    f.text(290, y + 5, "blank: little", "fig-tm")
    f.h = y + 22
    return f


@figure(
    "table-height",
    "Table height and your own back",
    "Therapist from the side, two working positions",
    "Two line figures of a therapist at a table. Above, the table is at a working height: one foot ahead, back long, arm nearly straight with shoulder, elbow and wrist stacked, and the weight comes from the back leg. "
    "Below, the table is too low: feet together, back rounded, elbow bent, wrist bent back and the pressure comes from thumb and arm.",
    "Set the height before you touch the client. The higher the body lies on the table (side-lying, a bolster), the lower the table. Source: SMT station checklist T2, version 1 (2026).",
    CHECKED,
)
def table_height():
    f = Fig(700)

    def table(hand, base):
        """A table whose client lies just under the hand, and its legs down to the floor."""
        x0, y = hand[0] - 26, hand[1] + 38
        # the client under the sheet
        f.path(
            smooth(
                [
                    (x0 + 8, y),
                    (x0 + 8, y - 20),
                    (x0 + 36, y - 37),
                    (x0 + 110, y - 36),
                    (x0 + 160, y - 28),
                    (440, y - 22),
                ]
            )
            + f"L440 {n(y)}Z",
            "fig-fill",
        )
        f.path(
            smooth([(x0 + 30, y - 8), (x0 + 60, y - 20), (x0 + 120, y - 19), (436, y - 9)])
            + smooth([(x0 + 60, y - 6), (x0 + 110, y - 10), (430, y - 4)]),
            "m-fib",
        )
        f.rect(x0, y, 440 - x0, 12, "fig-fill")
        f.hatch(
            [(x0 + 1, y + 1), (439, y + 1), (439, y + 11), (x0 + 1, y + 11)], 60, 5, opacity=0.5
        )
        for x in (x0 + 18, 414):
            f.rect(x, y + 12, 7, base - y - 12, "fig-fill")

    base = 322
    f.ground(0, 440, base)
    h = 268
    near, far = (34, 25, -9), (-26, 4, 12)
    hip = stand(128, base - 1, h, near, far)
    J = side_body(Fig(0), hip, h, 33, near, far, (46, 4, 40), (40, 8, 0))
    table(lerp(J["nwrist"], J["ntip"], 0.5), base)
    J = side_body(f, hip, h, 33, near, far, (46, 4, 40), None)
    f.line(*J["sh"], *J["nwrist"], "fig-pass fig-wide", stroke_dasharray="2 6")
    f.line(J["hip"][0] - 4, J["hip"][1] + 8, *J["top"], "fig-pass fig-wide", stroke_dasharray="2 6")
    f.arrow(34, 262, 82, 196, "fig-pass fig-wide", 9)
    f.text(0, 20, "Right", "fig-tb fig-pass-fill")
    f.path("M44 14l5 6 10-13", "fig-pass")
    f.text(262, 60, ["shoulder, elbow and", "wrist in one line"])
    f.line(
        258,
        68,
        (J["sh"][0] + J["nwrist"][0]) / 2 + 4,
        (J["sh"][1] + J["nwrist"][1]) / 2 - 6,
        "fig-muted",
    )
    f.text(40, 96, "back long")
    f.line(
        108,
        96,
        (J["hip"][0] + J["top"][0]) / 2 - 4,
        (J["hip"][1] + J["top"][1]) / 2 - 8,
        "fig-muted",
    )
    f.text(0, 162, ["weight from", "the back leg"])
    f.text(286, 306, "one foot ahead", "fig-tm")
    f.line(282, 302, J["nankle"][0] + 30, J["nankle"][1] + 2, "fig-muted")
    y2 = 360
    f.line(0, y2 - 4, W, y2 - 4, "fig-hair")
    base = 652
    f.ground(0, 440, base)
    near, far = (8, 6, -2), (2, 4, 2)
    hip = stand(120, base - 1, h, near, far)
    bent = (hip, h, 62, near, far, (24, 22, 44), None)
    J = side_body(Fig(0), *bent, curve=26, head_tilt=16)
    table(lerp(J["nwrist"], J["ntip"], 0.7), base)
    J = side_body(f, *bent, curve=26, head_tilt=16)
    f.path(
        smooth(
            [
                (J["hip"][0] - 26, J["hip"][1] + 4),
                (J["hip"][0] - 4, J["hip"][1] - 44),
                (J["top"][0] - 30, J["top"][1] - 34),
                (J["top"][0] + 8, J["top"][1] - 28),
            ]
        ),
        "fig-stop fig-wide",
        stroke_dasharray="2 6",
    )
    f.circle(*J["nwrist"], 15, "fig-stop fig-wide", stroke_dasharray="2 6")
    f.text(0, 384, "Too low", "fig-tb fig-stop-fill")
    f.path("M64 374l10 10m0-10l-10 10", "fig-stop")
    f.text(24, 418, "back rounded")
    f.line(116, 420, J["top"][0] - 46, J["top"][1] - 32, "fig-muted")
    f.text(306, 492, ["wrist bent,", "thumb pushing"])
    f.line(302, 502, J["nwrist"][0] + 14, J["nwrist"][1] - 8, "fig-muted")
    f.text(0, 582, ["feet together:", "no legs in it"])
    f.h = 666
    return f


def steps_down(f, y, rows, foot=None):
    """A spine with letters in rings: question, examples, and what to do. rows: (letter, kind, question, examples, action)."""
    x, top = 18, y
    ys = []
    cur = y
    for letter, kind, ask, ex, act in rows:
        ys.append(cur)
        cur += (
            26
            + 20 * len(ex)
            + (12 + 20 * (len(act) if isinstance(act, list) else 1) if act else 6)
            + 24
        )
    f.line(x, top, x, ys[-1] - 16, "fig-ink")
    for (letter, kind, ask, ex, act), yy in zip(rows, ys):
        f.ring(x, yy, letter, kind)
        f.text(48, yy + 5, ask, "fig-tb")
        e = f.text(48, yy + 28, ex, "fig-tm") if ex else yy + 4
        if act:
            ya = e + 28
            cls = f"fig-{kind}" if kind != "ink" else "fig-ink"
            f.arrow(50, ya - 5, 76, ya - 5, cls, 7)
            f.text(86, ya, act, f"fig-tb fig-{kind}-fill" if kind != "ink" else "fig-tb")
    return cur


@figure(
    "screening-flow",
    "From first question to first stroke",
    "Flow, read downwards",
    "A line runs down through four questions, each with its answer. Emergency signs: stop and call emergency services; absolute contraindication, letter A: no massage, refer; local, letter L: leave the area alone; "
    "relative, letter R: modify the work or get clearance first. Only when every question has an answer do you ask for consent and begin, and you ask again at every visit.",
    "The order matters: the most dangerous question comes first. You name what you saw and refer; you never diagnose. Examples only; the full list is the register. Source: Palpate contraindication register, 2026.",
    CLINIC,
)
def screening_flow():
    f = Fig(700)
    f.text(0, 18, "Ask at every visit: what has changed?", "fig-tb")
    f.text(
        0,
        42,
        [
            "Fever or illness, new injury, medication, skin, clots,",
            "numbness, allergies, night pain, weight loss",
        ],
        "fig-tm",
    )
    end = steps_down(
        f,
        98,
        [
            (
                "!",
                "stop",
                "Emergency signs?",
                ["collapse, chest pain, breathlessness, confusion,", "signs of stroke"],
                "Stop. Call emergency services.",
            ),
            (
                "A",
                "stop",
                "Anything absolute?",
                [
                    "one calf swollen, warm and painful; fever;",
                    "saddle numbness; suspected fracture",
                ],
                "No massage. Refer, say how soon.",
            ),
            (
                "L",
                "caution",
                "Anything local?",
                [
                    "injury in its first 48 to 72 hours, broken skin,",
                    "varicose vein, endangerment site",
                ],
                "Leave that area; work elsewhere.",
            ),
            (
                "R",
                "action",
                "Anything relative?",
                ["anticoagulant, reduced sensation, pregnancy,", "osteoporosis, recent surgery"],
                "Modify, or get clearance first.",
            ),
            (
                "\u2713",
                "pass",
                "All answered",
                ["consent in words, then begin; keep checking"],
                None,
            ),
        ],
    )
    f.h = end - 26
    return f


@figure(
    "healing-timeline",
    "Three overlapping phases of repair",
    "Time runs right, on a stretched scale",
    "Three overlapping curves on a time axis from hours to months. Inflammation starts at once and fades over days; repair, in which new tissue is laid down, rises over days and lasts weeks; remodelling follows over weeks to months. "
    "Below, what you do: for about the first 48 to 72 hours leave the site alone; later, work on the area only with clearance; in remodelling, fit the work to the load.",
    "Shapes and times are schematic and differ with tissue, size of injury and person. Massage has not been shown to speed healing. Sources: OpenStax, Anatomy and Physiology 2e, 2022, chapter 4; Palpate contraindication register, 2026.",
    CLINIC,
)
def healing_timeline():
    f = Fig(520)
    # stretched axis: x for hours
    X = lambda hrs: 2 + 436 * (log10(hrs) - log10(2)) / (log10(4320) - log10(2))
    y0 = 250
    ticks = [(6, "6 h"), (24, "1 d"), (72, "3 d"), (168, "1 wk"), (720, "1 mo"), (2160, "3 mo")]
    for t, lab in ticks:
        f.line(X(t), 46, X(t), y0, "fig-hair")
        f.text(X(t), y0 + 21, lab, "fig-tm", "middle")
    f.line(0, y0, 440, y0, "fig-ink")
    f.text(0, y0 + 21, "injury", "fig-tm")

    def hump(a, peak, b, height, cls, hatch):
        pts = []
        for i in range(41):
            t = i / 40
            x = X(a) + (X(b) - X(a)) * t
            pk = (X(peak) - X(a)) / (X(b) - X(a))
            s = t / pk / 2 if t < pk else 0.5 + (t - pk) / (1 - pk) / 2
            if x <= 438:
                pts.append((x, y0 - height * max(0, sin(pi * s)) ** 1.6))
        f.hatch(pts + [(pts[-1][0], y0)], hatch, 8, opacity=0.35)
        f.path(smooth(pts), cls)

    hump(90, 1700, 60000, 132, "fig-muted fig-wide", 90)
    hump(26, 270, 2000, 165, "fig-ink fig-wide", 45)
    hump(2, 17, 190, 165, "fig-accent fig-wide", -45)
    f.text(X(17), 62, "Inflammation", "fig-tb fig-accent-fill", "middle")
    f.text(X(270), 40, "Repair", "fig-tb", "middle")
    f.text(X(270), 60, "new tissue laid down", "fig-tm", "middle")
    f.text(438, 100, "Remodelling", "fig-tb", "end")
    # what to do
    y = 306
    f.text(0, y, "What you do", "fig-tb")
    f.rect(0, y + 14, X(60), 12, "fig-stop-fill", opacity=0.85)
    for i in range(5):
        f.rect(X(60) + i * 6.2, y + 14, 6 - i * 1.1, 12, "fig-stop-fill", opacity=0.85 - i * 0.15)
    f.line(X(72) + 12, y + 20, X(720), y + 20, "fig-caution fig-wide", stroke_dasharray="8 5")
    f.line(X(720), y + 20, 440, y + 20, "fig-pass fig-wide")
    f.text(0, y + 54, "First 48 to 72 hours", "fig-tb fig-stop-fill")
    f.text(0, y + 75, "Leave the site alone (local contraindication). Refer if severe.")
    f.text(0, y + 106, "After the acute phase", "fig-tb fig-caution-fill")
    f.text(0, y + 127, "Near the site only after diagnosis and clearance; gently.")
    f.text(0, y + 158, "Later", "fig-tb fig-pass-fill")
    f.text(0, y + 179, "With the rehabilitation team; match the work to the load.")
    f.h = y + 192
    return f


@figure(
    "doms-effects",
    "Massage and muscle soreness",
    "Dot plot with 95 % confidence intervals",
    "A dot plot of the difference in soreness between massage and no massage after hard exercise, as standardised mean differences. At 24 hours minus 0.61 (95 % interval minus 1.17 to minus 0.05), at 48 hours minus 1.51 (minus 2.24 to minus 0.77), "
    "at 72 hours minus 1.46 (minus 2.59 to minus 0.33). Values left of zero favour massage. The intervals are wide, the trials are heterogeneous and participants were not blinded.",
    "Pooled from 11 articles with 504 participants. The trials are heterogeneous and not blinded, so read the size with care. Massage can reduce perceived soreness over one to three days. Source: Guo and others, 2017, Front Physiol 8:747.",
    CHECKED,
)
def doms_effects():
    f = Fig(430)
    x0, x1, lo, hi = 66, 430, -3, 0.5
    X = lambda v: x0 + (x1 - x0) * (v - lo) / (hi - lo)
    top, bot = 82, 318
    f.text(X(0) - 10, 26, "less sore with massage", "fig-ts", "end")
    f.arrow(X(0) - 180, 21, X(0) - 214, 21, "fig-muted")
    f.text(X(0), 52, "no difference", "fig-t", "middle")
    for v in (-3, -2.5, -2, -1.5, -1, -0.5, 0.5):
        f.line(X(v), top, X(v), bot, "fig-hair")
    f.line(X(0), top - 20, X(0), bot, "fig-ink")
    for v in (-3, -2, -1, 0):
        f.text(X(v), bot + 22, str(v).replace("-", "\u2212"), "fig-tm", "middle")
    f.text(x0, bot + 46, "standardised mean difference (SMD) in soreness", "fig-tm")
    m = lambda v: f"{v:.2f}".replace("-", "\u2212")
    for i, (t, v, a, b) in enumerate(
        [
            ("24 h", -0.61, -1.17, -0.05),
            ("48 h", -1.51, -2.24, -0.77),
            ("72 h", -1.46, -2.59, -0.33),
        ]
    ):
        y = top + 52 + 76 * i
        f.text(0, y + 5, t, "fig-tb")
        f.line(X(a), y, X(b), y, "fig-ink")
        for e in (a, b):
            f.line(X(e), y - 5, X(e), y + 5, "fig-ink")
        f.circle(X(v), y, 6.5, "fig-accent-fill")
        f.text(X(v), y - 16, m(v), "fig-tb fig-accent-fill", "middle")
        f.text(X(v), y + 25, f"{m(a)} to {m(b)}", "fig-tm", "middle")
    f.text(0, bot + 82, "n = 504 in 11 articles; bars: 95 % confidence interval")
    f.text(
        0,
        bot + 103,
        "Trials differ widely and were not blinded: read with care.",
        "fig-t fig-caution-fill",
    )
    f.h = bot + 114
    return f


@figure(
    "heat-or-water",
    "Too hot, or too much water",
    "Two overlapping lists of signs",
    "Two overlapping boxes: left, signs that point to heat stroke: hard effort over any distance, staggering, aggression, and skin that may be wet or even cool; right, signs that point to too much water: drank at every stop, weight up since the start, swollen, puffy hands. "
    "In the overlap, signs of both: confusion, headache, nausea, vomiting, collapse. The action below is the same for both: medical team now, stay with the athlete, no water to a confused or nauseated athlete.",
    "You do not have to tell them apart; you have to notice and act. The signs are a reminder, not a diagnosis. Sources: exercise-associated hyponatraemia guidance (Dtsch Z Sportmed 2018; WEM 2009); Palpate contraindication register, 2026.",
    CLINIC,
)
def heat_or_water():
    f = Fig(480)
    for x, cls in ((1, "fig-stop"), (147, "fig-action")):
        f.rect(x, 58, 292, 250, cls, rx=46)
    f.text(0, 18, "Heat stroke", "fig-tb fig-stop-fill")
    f.text(0, 40, "body too hot", "fig-tm")
    f.text(440, 18, "Too much water", "fig-tb fig-action-fill", "end")
    f.text(440, 40, "blood sodium diluted", "fig-tm", "end")
    for y, left, right in (
        (112, ["hard effort,", "any distance"], ["drank at", "every stop"]),
        (182, ["staggering,", "aggression"], ["weight up", "since start"]),
        (252, ["skin may be", "wet, even cool"], ["swollen,", "puffy hands"]),
    ):
        f.text(20, y, left)
        f.text(420, y, right, "fig-t", "end")
    f.text(220, 92, "Both", "fig-tb", "middle")
    f.line(176, 104, 264, 104, "fig-hair")
    for i, s in enumerate(["confusion", "headache", "nausea", "vomiting", "collapse"]):
        f.text(220, 136 + 32 * i, s, "fig-t", "middle")
    y = 352
    f.line(0, y - 18, W, y - 18, "fig-ink")
    f.text(0, y + 8, "Same answer for both", "fig-tb fig-stop-fill")
    for i, s in enumerate(
        [
            "Medical team now; stay with the athlete.",
            "No massage.",
            "No water to a confused or nauseated athlete.",
        ]
    ):
        f.circle(6, y + 29 + 23 * i, 2.6, "fig-stop-fill")
        f.text(20, y + 34 + 23 * i, s)
    f.h = y + 94
    return f


@figure(
    "consent-loop",
    "Consent is a loop",
    "Cycle of six steps, read clockwise from the top",
    "Six numbered steps in a ring: explain, check understanding, ask for a yes, work as agreed, check within the first minute, change what you do. From there you keep checking; a new area, depth or technique leads back to the first step. "
    "In the middle of the ring: stop means stop, at any step and without a reason. Below the ring, what an explanation contains.",
    "A yes covers what was explained and nothing else, and only for as long as it lasts. Source: SMT scheme, edition 2026.1, code of conduct.",
    CHECKED,
)
def consent_loop():
    f = Fig(560)
    cx, cy, r = 220, 178, 112
    steps = [
        ["Explain"],
        ["Check it was", "understood"],
        ["Ask for", "a yes"],
        ["Work as", "agreed"],
        ["Check in the", "first minute"],
        ["Change what", "you do"],
    ]
    for i in range(6):
        a = -90 + 60 * i
        f.curve_arrow(arc_pts(cx, cy, r, r, a + 11, a + 48, 10), "fig-ink", 8)
        x, y = cx + r * cos(radians(a)), cy + r * sin(radians(a))
        f.ring(x, y, str(i + 1), "ink", 15)
        lines = steps[i]
        if i == 0:
            f.text(x, y - 26, lines[0], "fig-tb", "middle")
        elif i == 3:
            f.text(x, y + 36, " ".join(lines), "fig-tb", "middle")
        else:
            right = i < 3
            f.text(x + (24 if right else -24), y - 3, lines, "fig-tb", None if right else "end")
    f.text(cx, cy - 14, "Stop", "fig-num fig-stop-fill", "middle")
    f.text(cx, cy + 12, "means stop, at any", "fig-t", "middle")
    f.text(cx, cy + 32, "step, without a reason", "fig-t", "middle")
    y = 372
    f.line(0, y - 16, W, y - 16, "fig-hair")
    f.text(0, y + 8, "What you explain in step 1", "fig-tb")
    for i, (a, b) in enumerate(
        [
            ("nature of the work", "risks and likely sensations"),
            ("its purpose", "alternatives, also none"),
            ("areas and draping", "the right to withdraw"),
        ]
    ):
        yy = y + 36 + 26 * i
        f.text(14, yy, a)
        f.text(200, yy, b)
        f.circle(4, yy - 5, 2.4, "fig-accent-fill")
        f.circle(190, yy - 5, 2.4, "fig-accent-fill")
    f.text(
        0,
        y + 128,
        ["A new area, depth or technique is a new question:", "go back to 1. Record the consent."],
        "fig-tm",
    )
    f.h = y + 160
    return f


def layers(f, x0, x1, y, deep=True):
    """A section through the soft tissues: skin, fat, deep fascia, two muscles, bone. Returns the y of each boundary."""
    b = [y, y + 16, y + 52, y + 60, y + 130, y + 204, y + 236]

    def wave(yy, amp, ph=0, rev=False):
        pts = [(x0 + (x1 - x0) * i / 12, yy + amp * sin(i * 1.3 + ph)) for i in range(13)]
        return pts[::-1] if rev else pts

    f.path(smooth(wave(b[0], 0.8)), "m-edge")
    f.hatch([(x0, b[0]), (x1, b[0]), (x1, b[1]), (x0, b[1])], 90, 4, opacity=0.55)
    f.path(smooth(wave(b[1], 1)), "fold")
    d = ""  # lobules of fat
    for r in range(3):
        for i in range(int((x1 - x0) / 17)):
            cx, cy = x0 + 9 + 17 * i + (8 if r % 2 else 0), b[1] + 8 + 11 * r
            if cx + 7 < x1:
                d += smooth(arc_pts(cx, cy, 7, 4.6, 0, 320, 8), True)
    f.path(d, "dl")
    f.path(smooth(wave(b[2], 1.2)), "m-edge")
    f.path(smooth(wave(b[3], 1.2, 0.4)), "m-edge")
    f.hatch([(x0, b[2]), (x1, b[2]), (x1, b[3]), (x0, b[3])], 28, 3, opacity=0.7)

    def fibres(ya, yb, gap):
        d, yy = "", ya + gap
        while yy < yb - 2:
            d += smooth([(px, py) for px, py in wave(yy, 1.6, yy / 40)])
            yy += gap
        f.path(d, "m-fib")

    fibres(b[3], b[4], 5.4)
    f.path(smooth(wave(b[4], 2, 1)), "m-edge")
    if deep:
        fibres(b[4] + 3, b[5], 5.4)
        f.path(smooth(wave(b[5], 2, 2)), "m-edge")
        f.hatch([(x0, b[5]), (x1, b[5]), (x1, b[6]), (x0, b[6])], 60, 6, opacity=0.5)
    return b


@figure(
    "pressure-layers",
    "Which layer your pressure meets",
    "Section through skin, fascia, muscle and bone",
    "A block of tissue in section: skin, superficial fascia with fat, deep fascia, superficial muscle, deep muscle, bone. Three contacts: a light, flat hand moves skin and superficial fascia; the heel of the hand, moderate, meets the superficial muscle; "
    "a soft fist, firm, sinks obliquely and slowly to the first resistance, waits, and may meet the deeper muscle. The work goes from superficial to deep and back.",
    "Superficial before deep; slowly and obliquely; wait at the first resistance. Comfort sets the limit: no more than 6 to 7 on the client's scale of 0 to 10. Layers are not to scale. Source: SMT station checklist T2, version 1 (2026).",
    ANATOMY,
)
def pressure_layers():
    f = Fig(430)
    x0, x1, y = 0, 306, 138
    b = layers(f, x0, x1, y)
    f.path(poly([(x0, b[0]), (x0, b[6])]) + poly([(x1, b[0]), (x1, b[6])]), "m-edge")
    for name, ya in (
        ("skin", (b[0] + b[1]) / 2),
        ("superficial fascia", b[1] + 18),
        ("deep fascia", (b[2] + b[3]) / 2 + 2),
        ("superficial", b[3] + 27),
        ("deep muscle", (b[4] + b[5]) / 2 + 2),
        ("bone", (b[5] + b[6]) / 2),
    ):
        f.text(314, ya + 5, name)
    f.text(314, b[3] + 52, "muscle")
    for x, a, c in (
        (46, "Light", "flat hand"),
        (150, "Moderate", "heel of hand"),
        (256, "Firm", "soft fist"),
    ):
        f.text(x, 18, a, "fig-tb", "middle")
        f.text(x, 39, c, "fig-tm", "middle")
    # a flat hand
    f.part((2, y - 50), (24, y - 24), [(0, 10, 10), (1, 8, 8)], 2)
    f.hand((24, y - 22), 72, 62, thumb=0.35)
    # the heel of the hand, fingers lifted
    f.part((146, y - 78), (146, y - 36), [(0, 10, 10), (1, 8.5, 8.5)], 3)
    f.path(
        smooth(
            [
                (137, y - 36),
                (135, y - 18),
                (137, y - 5),
                (146, y - 1),
                (158, y - 6),
                (172, y - 15),
                (190, y - 24),
                (197, y - 30),
                (192, y - 35),
                (176, y - 30),
                (162, y - 28),
                (155, y - 36),
            ],
            True,
        ),
        "fig-fill",
    )
    f.path(smooth([(146, y - 14), (158, y - 16), (172, y - 22)]), "m-fib")
    # a soft fist on an oblique forearm
    f.part((222, y - 82), (244, y - 36), [(0, 12, 12), (1, 9, 9)], 3)
    f.path(
        smooth(
            [
                (234, y - 36),
                (235, y - 18),
                (244, y - 4),
                (258, y - 1),
                (270, y - 8),
                (273, y - 20),
                (266, y - 32),
                (254, y - 38),
            ],
            True,
        ),
        "fig-fill",
    )
    f.path(
        smooth([(252, y - 4), (250, y - 14), (254, y - 20)])
        + smooth([(262, y - 5), (260, y - 15), (263, y - 22)])
        + smooth([(244, y - 22), (254, y - 27), (266, y - 26)]),
        "m-fib",
    )
    for x, tx, ty in ((52, 52, b[1] + 24), (148, 152, b[3] + 44), (254, 286, b[4] + 46)):
        f.arrow(x, b[0] + 4, tx, ty, "fig-accent fig-wide", 10)
    f.text(0, b[6] + 26, "glide", "fig-tm")
    f.text(150, b[6] + 26, "knead, compress", "fig-tm", "middle")
    f.text(306, b[6] + 26, "sink, wait", "fig-tm", "end")
    f.arrow(4, b[6] + 50, 300, b[6] + 50, "fig-action")
    f.arrow(300, b[6] + 66, 4, b[6] + 66, "fig-action")
    f.text(314, b[6] + 55, "superficial to", "fig-t fig-action-fill")
    f.text(314, b[6] + 75, "deep, and back", "fig-t fig-action-fill")
    f.h = b[6] + 88
    return f


@figure(
    "trigger-hold",
    "Holding a tender point",
    "Pressure and reported discomfort against time, schematic",
    "Two curves over the same time axis. Pressure rises gradually, is held for roughly 20 to 90 seconds, and is released slowly. The discomfort the client reports rises to no more than 7 out of 10 and eases during the hold; when it has eased you may release early. "
    "If it does not ease, or spreads as numbness or dizziness, you stop.",
    "One hold, schematic: build up gradually, hold about 20 to 90 seconds or until discomfort eases, release slowly; at most about three holds per point. Finding such points by touch is imperfectly reliable, so the client's report leads. Source: SMT station checklist T3, version 1 (2026).",
    CLINIC,
)
def trigger_hold():
    f = Fig(470)
    X = lambda s: 44 + 380 * (s + 12) / 124  # seconds of holding; the build-up lies before 0
    ya, yb = 166, 392
    for s in (0, 20, 60, 90):
        f.line(X(s), 44, X(s), yb, "fig-hair")
        f.text(X(s), yb + 22, str(s), "fig-tm", "middle")
    f.rect(X(20), 44, X(90) - X(20), ya - 44, "fig-sunk")
    f.text(X(112), yb + 44, "seconds of holding", "fig-tm", "end")
    f.text(0, 20, "Your pressure", "fig-tb")
    f.line(X(-12), ya, X(112), ya, "fig-thin")
    P = lambda s, p: (X(s), ya - 92 * p)
    f.path(ease([P(-12, 0), P(0, 0.9), P(58, 0.9), P(78, 0), P(112, 0)]), "fig-ink fig-wide")
    f.text(X(24), 66, "release here, once eased", "fig-t")
    f.text(X(6), ya - 40, "hold 20 to 90 s", "fig-t")
    f.text(X(74), ya - 40, "slowly", "fig-t")
    f.text(0, ya + 40, "Discomfort your client reports, 0 to 10", "fig-tb fig-accent-fill")
    Y = lambda v: yb - (yb - ya - 64) * v / 10
    for v in (0, 5, 10):
        f.line(X(-12), Y(v), X(112), Y(v), "fig-hair" if v else "fig-thin")
        f.text(34, Y(v) + 5, str(v), "fig-tm", "end")
    f.line(X(-12), Y(7), X(112), Y(7), "fig-stop", stroke_dasharray="6 5")
    f.text(34, Y(7) + 5, "7", "fig-tb fig-stop-fill", "end")
    f.text(X(112), Y(7) - 9, "never above 7", "fig-t fig-stop-fill", "end")
    disc = [
        (-12, 0),
        (-8, 1),
        (-2, 4.6),
        (3, 6),
        (9, 6.1),
        (20, 5.3),
        (34, 3.9),
        (48, 2.8),
        (58, 2.2),
        (68, 1.4),
        (78, 0.8),
        (92, 0.5),
        (112, 0.4),
    ]
    f.path(smooth([(X(s), Y(v)) for s, v in disc]), "fig-accent fig-wide")
    f.text(X(44), Y(4), "eases while you hold", "fig-t fig-accent-fill")
    f.text(
        0,
        yb + 78,
        "It does not ease, numbness, dizziness: release and stop.",
        "fig-t fig-stop-fill",
    )
    f.h = yb + 90
    return f


@figure(
    "fascia-slack",
    "Taking up the slack",
    "Section through skin and fascia, three moments",
    "Three sections: first the hand rests on dry skin and the tissue lies slack in waves. Then the hand moves at a shallow angle, without sliding, until the first resistance: the slack is gone. "
    "Then it holds a low load for about 90 to 120 seconds and follows any change. A crossed-out downward arrow shows what not to do: pressing straight down.",
    "Shallow, dry, slow. The felt release is probably a change of sensation and glide: in a model, fascia lata and plantar fascia needed forces far beyond the physiological range to deform by 1 per cent (Chaudhry 2008, JAOA 108:379). Source: SMT station checklist T4, version 1 (2026).",
    ANATOMY,
)
def fascia_slack():
    f = Fig(700)

    def section(y, hx, amp):
        """Skin, fascia and muscle; amp(x) is how slack the tissue lies at x; the fingertips touch at hx."""
        for i, (dy, k, cls) in enumerate(
            [
                (0, 1, "m-edge"),
                (9, 0.9, "fold"),
                (17, 0.8, "dl"),
                (25, 0.7, "dl"),
                (33, 0.6, "dl"),
                (42, 0.5, "m-edge"),
                (47, 0.45, "m-edge"),
            ]
        ):
            f.path(
                smooth(
                    [(x, y + dy + k * amp(x) * sin(x / 8.5 + 0.4 * i)) for x in range(0, 441, 6)]
                ),
                cls,
            )
        f.path(
            "".join(
                smooth([(x, y + 58 + 6 * i + sin(x / 40 + i)) for x in range(0, 441, 40)])
                for i in range(5)
            ),
            "m-fib",
        )
        wr, el = (hx - 74, y - 32), (hx - 196, y - 76)
        f.part(el, wr, [(0, 19, 19), (0.35, 19, 18), (0.8, 12, 12), (1, 10.5, 10.5)], 5, cap=0.5)
        f.hand(wr, 69, 80, thumb=0.35)

    slack = lambda x: 4
    pulled = lambda x: 0.25 if x < 250 else min(5.5, (x - 250) / 9)
    section(118, 232, slack)
    f.text(438, 20, "1  Rest, dry hand", "fig-tb", "end")
    f.text(438, 42, "the tissue lies slack", "fig-tm", "end")
    f.line(0, 214, W, 214, "fig-hair")
    y = 340
    section(y, 256, pulled)
    f.text(438, 242, "2  Take up the slack", "fig-tb", "end")
    f.text(438, 264, ["shallow angle, no sliding,", "to the first resistance"], "fig-tm", "end")
    f.arrow(264, y - 12, 344, y - 9, "fig-accent fig-wide", 10)
    f.line(96, y - 3, 250, y - 3, "fig-muted", stroke_dasharray="4 5")
    f.path(smooth(arc_pts(256, y - 3, 152, 152, 180, 201, 8)), "fig-muted")
    f.line(0, 436, W, 436, "fig-hair")
    y = 562
    section(y, 262, pulled)
    f.text(438, 464, "3  Hold and follow", "fig-tb", "end")
    f.text(
        438, 486, ["low load, about 90 to 120 s;", "follow change, never force"], "fig-tm", "end"
    )
    f.arrow(270, y - 12, 310, y - 10, "fig-accent fig-wide", 10)
    y = 676
    f.line(0, y - 18, W, y - 18, "fig-hair")
    f.arrow(22, y - 6, 22, y + 22, "fig-stop fig-wide", 9)
    f.path(f"M8 {y + 2}l28 12", "fig-stop")
    f.text(52, y + 14, "Not straight down: that only compresses.", "fig-t fig-stop-fill")
    f.h = y + 30
    return f


@figure(
    "contract-relax",
    "Contract and relax, step by step",
    "Straight-leg raise from the side, client on the back",
    "Three line figures of a client on the back with one leg raised straight. First the therapist takes the leg to the first resistance. Then the client pushes the leg down gently, about a fifth of full effort, for 5 to 7 seconds while the therapist holds still. "
    "Then the client relaxes and the leg is taken to the new resistance, as far as is comfortable.",
    "Gentle effort, about 20 per cent, 5 to 7 seconds; the client stays in control and may stop at any time. Expect a small, short-term gain. Source: SMT station checklist T5, version 1 (2026).",
    ANATOMY,
)
def contract_relax():
    f = Fig(640)

    def panel(y, angle, old=None):
        h = 230
        hip = (160, y)
        f.line(0, y + 16, 440, y + 16, "fig-ink")
        # lying client, head to the left
        head = (18, y - 4)
        f.path(
            smooth(
                [
                    (head[0] + 15 * a, head[1] + 15 * b)
                    for a, b in [
                        (-1, 0.2),
                        (-0.95, -0.4),
                        (-0.4, -0.85),
                        (0.2, -0.8),
                        (0.3, -0.98),
                        (0.5, -0.75),
                        (0.95, -0.6),
                        (1, 0.3),
                        (0.5, 0.85),
                        (-0.4, 0.9),
                    ]
                ],
                True,
            ),
            "fig-fill",
        )
        f.part((160, y), (38, y - 2), scaled(TRUNK, h), 4, side=1)
        f.part((56, y + 4), (100, y + 9), scaled(UPPER, h * 0.9), 2)
        f.part((100, y + 9), (136, y + 10), scaled(FORE, h * 0.9), 2)
        # resting leg
        k = (220, y + 2)
        a = (278, y + 4)
        f.foot(a, 172, 26)
        f.part(k, a, scaled(SHANK, h), 0)
        f.part(hip, k, scaled(THIGH, h), 0)
        # raised leg
        if old:
            kn = to(hip, 90 + old, 62)
            an = to(kn, 90 + old, 60)
            f.line(*hip, *an, "fig-muted", stroke_dasharray="4 5")
        kn = to(hip, 90 + angle, 62)
        an = to(kn, 90 + angle, 60)
        f.foot(an, 90 + angle + 86, 26)
        f.part(kn, an, scaled(SHANK, h), 4, side=-1)
        f.part(hip, kn, scaled(THIGH, h), 4, side=-1)
        return hip, kn, an

    def hold(kn, an):
        """The therapist's hand cupped under the heel, cut off above the wrist."""
        u = degrees(atan2(an[0] - kn[0], an[1] - kn[1]))
        heel = to(to(an, u, 6), u - 90, 8)
        wr = to(heel, 52, 26)
        f.part(to(wr, 60, 22), wr, [(0, 6.5, 6.5), (1, 6, 6)], 0, cap=0)
        f.hand(wr, 236, 38, -1, 0.6)
        c = to(wr, 60, 24)
        f.path(smooth([to(c, 150, 9), to(c, 60, 2), to(c, -30, 9)]), "fig-ink")

    def words(y, a, lines):
        f.text(318, y, a, "fig-tb")
        f.text(318, y + 23, lines, "fig-t")

    y = 168
    hip, kn, an = panel(y, 52)
    hold(kn, an)
    f.path(smooth(arc_pts(hip[0], hip[1], 40, 40, 0, -50, 8)), "fig-muted")
    words(66, "1  To resistance", ["take the straight", "leg up to the first", "resistance"])
    f.line(0, 206, W, 206, "fig-hair")
    y = 378
    hip, kn, an = panel(y, 52)
    hold(kn, an)
    m = lerp(kn, an, 0.3)
    f.arrow(m[0] - 24, m[1] - 26, m[0] - 4, m[1] - 4 + 0, "fig-accent fig-wide", 9)
    words(
        262, "2  Client pushes", ["gently, about", "20 % effort", "for 5 to 7 s;", "you hold still"]
    )
    f.line(0, 416, W, 416, "fig-hair")
    y = 600
    hip, kn, an = panel(y, 66, 52)
    hold(kn, an)
    f.curve_arrow(arc_pts(hip[0], hip[1], 88, 88, -48, -62, 6), "fig-action")
    words(490, "3  Relax, go on", ["to the new", "resistance, as far", "as comfortable"])
    f.h = 622
    return f


@figure(
    "pnf-cycle",
    "One PNF cycle",
    "Effort and muscle length against time, schematic",
    "Two curves over one time axis. Effort is nil, rises to a submaximal level for 3 to 6 seconds while the length stays the same, and falls to nil. Then the limb is moved to a new range and the stretched muscle is longer, held about 20 to 30 seconds.",
    "Length does not change while the client pushes: that is what isometric means. Shapes are schematic, without a scale of force. Source: SMT station checklist T6, version 1 (2026).",
    CHECKED,
)
def pnf_cycle():
    f = Fig(440)
    X = lambda s: 10 + 424 * s / 32  # not to scale: the long hold is shortened
    ya, yb = 164, 336
    f.rect(X(4), 36, X(9) - X(4), yb - 36, "fig-sunk")
    for s in (4, 9, 13):
        f.line(X(s), 36, X(s), yb, "fig-hair")
    for y in (ya, yb):
        f.line(X(0), y, X(32), y, "fig-thin")
    f.text(0, 18, "Client's effort", "fig-tb fig-accent-fill")
    f.path(
        ease(
            [
                (X(s), ya - 104 * e)
                for s, e in [(0, 0), (4, 0), (5.2, 0.42), (8, 0.42), (9, 0), (32, 0)]
            ]
        ),
        "fig-accent fig-wide",
    )
    f.text(
        X(9) + 12, ya - 52, ["submaximal push,", "no movement, 3 to 6 s"], "fig-t fig-accent-fill"
    )
    f.line(X(0), ya - 104, X(32), ya - 104, "fig-muted", stroke_dasharray="3 5")
    f.text(X(32), ya - 112, "full effort: not wanted", "fig-tm", "end")
    f.text(0, ya + 36, "Length of the stretched muscle", "fig-tb")
    f.path(
        ease([(X(s), yb - 108 * v) for s, v in [(0, 0.28), (9.6, 0.28), (13, 0.72), (32, 0.72)]]),
        "fig-ink fig-wide",
    )
    f.line(X(10.5), yb - 30, X(32), yb - 30, "fig-muted", stroke_dasharray="3 5")
    f.arrow(X(26), yb - 33, X(26), yb - 73, "fig-action")
    f.text(X(26) - 10, yb - 49, "new range", "fig-t fig-action-fill", "end")
    f.text(X(32), yb - 92, "mild stretch, held 20 to 30 s", "fig-t", "end")
    for x, s in zip((2, 6.5, 11, 22), "1234"):
        f.ring(X(x), yb + 24, s, "ink", 12)
    for i, (a, b) in enumerate(
        [
            ("1  go to first resistance", "3  relax, then move on"),
            ("2  push, both hold still", "4  hold, breathe; 2 to 3 rounds"),
        ]
    ):
        f.text(0, yb + 66 + 22 * i, a)
        f.text(206, yb + 66 + 22 * i, b)
    f.h = yb + 98
    return f


@figure(
    "pre-event-clock",
    "The last hour before the start",
    "Clock face, minutes before the start",
    "A clock face counting down the last hour to the start at the top. An example for a runner who comes 40 minutes before: a few minutes to ask and agree, 10 to 15 minutes of brisk, light to moderate massage, then the rest, more than 20 minutes, belongs to the athlete's own warm-up.",
    "An example for a 10 km runner who comes 40 minutes before the start. The massage ends early enough for the warm-up; it does not replace it. Source: SMT station checklist E1, version 1 (2026).",
    CHECKED,
)
def pre_event_clock():
    f = Fig(540)
    cx, cy, R = 220, 196, 112
    A = lambda m: -90 - 6 * m  # m minutes before the start; time runs clockwise
    P = lambda m, r: (cx + r * cos(radians(A(m))), cy + r * sin(radians(A(m))))

    def sector(a, b, cls, hatch=None, **k):
        out = arc_pts(cx, cy, R, R, A(a), A(b), 20)
        inn = arc_pts(cx, cy, 60, 60, A(b), A(a), 20)
        if hatch is not None:
            f.hatch(out + inn, hatch, 6, opacity=0.5)
        f.path(poly(out + inn, True), cls, **k)

    f.circle(cx, cy, R + 16, "fig-thin")
    for m in range(60):
        f.line(
            *P(m, R + 16),
            *P(m, R + (6 if m % 5 == 0 else 11)),
            "fig-ink" if m % 5 == 0 else "m-fib",
        )
    sector(40, 36, "fig-fill")
    sector(36, 23, "fig-accent-fill", opacity=0.85)
    sector(23, 0, "fig-pass", 45)
    f.line(*P(0, 54), *P(0, R + 24), "fig-ink fig-wide")
    f.text(cx, 46, "start", "fig-tb", "middle")
    for m in (10, 20, 30, 40, 50):
        x, y = P(m, R + 33)
        f.text(x, y + 5, str(m), "fig-tm", "middle")
    f.text(cx, cy + 2, ["minutes", "before"], "fig-t", "middle")
    f.curve_arrow(arc_pts(cx, cy, 46, 46, 160, 250, 14), "fig-muted")
    f.text(0, 80, ["the athlete's", "own warm-up"], "fig-tb fig-pass-fill")
    f.leader(40, 106, *P(17, 90))
    f.text(440, 340, "ask, agree", "fig-tb", "end")
    f.leader(366, 326, *P(38, 88))
    f.text(0, 330, "massage", "fig-tb fig-accent-fill")
    f.leader(64, 322, *P(27, 88))
    y = 394
    f.line(0, y - 24, W, y - 24, "fig-hair")
    for i, (a, b, cls) in enumerate(
        [
            ("40 to 36", ["screen, agree, say what you will do"], ""),
            (
                "36 to 23",
                ["10 to 15 min, brisk, light to moderate,", "clothed; nothing deep, nothing new"],
                " fig-accent-fill",
            ),
            ("23 to 0", ["warm up, go to the start"], " fig-pass-fill"),
        ]
    ):
        f.text(0, y, a, "fig-tb" + cls)
        y = f.text(86, y, b) + 28
    f.h = y - 18
    return f


@figure(
    "post-event-decision",
    "Before a finisher lies down",
    "Flow, read downwards",
    "A line runs down through questions before a finisher gets on the table, each with its answer. Confused, collapsing, vomiting, chest pain, swollen hands: medical team now, stay with them, no water if confused or nauseated; one calf swollen, warm and painful: no massage, medical care today; breathing and pulse not settled: wait, walking and warm; "
    "blister, broken skin, acute strain, tender bone: leave the place and refer strain or bone. Then: 10 to 20 minutes, light, then sit up in stages.",
    "Look at the walk and listen to the speech before you look at the muscles. One swollen, painful calf means no massage anywhere. Sources: SMT station checklist E2, version 1 (2026); Palpate contraindication register, 2026.",
    CLINIC,
)
def post_event_decision():
    f = Fig(680)
    f.text(0, 18, "Watch, then ask", "fig-tb")
    f.text(
        0,
        42,
        [
            "Walk, orientation, speech, skin, nausea, headache,",
            "dizziness, chest pain, urine, drinking, cramps",
        ],
        "fig-tm",
    )
    end = steps_down(
        f,
        98,
        [
            (
                "!",
                "stop",
                "Anything alarming?",
                [
                    "confused, collapsing, vomiting, chest pain, headache",
                    "with nausea, swollen hands, dark urine",
                ],
                ["Medical team now. Stay with them.", "No water if confused or nauseated."],
            ),
            (
                "A",
                "stop",
                "One calf swollen, warm, painful?",
                [],
                "No massage. Medical care today.",
            ),
            (
                "?",
                "action",
                "Breathing and pulse settled?",
                ["not yet: keep walking, warm and covered"],
                "Wait, then ask again.",
            ),
            (
                "L",
                "caution",
                "A place to leave alone?",
                ["blister, broken skin, acute strain, tender bone"],
                "Work elsewhere; refer strain or bone.",
            ),
            (
                "\u2713",
                "pass",
                "Then 10 to 20 minutes, light",
                [
                    "below pain, towards the trunk, no strong stretch;",
                    "sit up in stages, stay until steady",
                ],
                None,
            ),
        ],
    )
    f.h = end - 26
    return f


@figure(
    "drinking-balance",
    "Drink to thirst",
    "Three balances: water drunk against water lost",
    "Three pairs of scales with water drunk on the left and water lost on the right. First, drinking far less than thirst asks: the right side is heavier and thirst grows. Second, drinking to thirst: the scales stay near level and a small loss of weight over a long event is usual. "
    "Third, drinking at every stop regardless of thirst: the left side is heavier, body weight rises and blood sodium is diluted; this is the dangerous one after endurance events.",
    "Over-drinking is the main cause of exercise-associated hyponatraemia, which can kill. Thirst is the guide. Sources: exercise-associated hyponatraemia guidance (Dtsch Z Sportmed 2018; WEM 2009).",
    CLINIC,
)
def drinking_balance():
    f = Fig(640)

    def scales(cy, tilt, left, right):
        cx = 116
        f.path(
            poly([(cx - 26, cy + 96), (cx + 26, cy + 96)]) + poly([(cx, cy + 96), (cx, cy)]),
            "fig-ink",
        )
        f.path(poly([(cx - 16, cy + 90), (cx, cy + 78), (cx + 16, cy + 90)]), "fig-thin")
        dx, dy = 78 * cos(radians(tilt)), 78 * sin(radians(tilt))
        a, b = (cx - dx, cy - dy), (cx + dx, cy + dy)
        f.line(*a, *b, "fig-ink fig-wide")
        f.circle(cx, cy, 4.5, "fig-fill")
        for (x, y), level in ((a, left), (b, right)):
            f.path(poly([(x - 26, y + 46), (x, y), (x + 26, y + 46)]), "fig-thin")
            f.path(f"M{n(x - 30)} {n(y + 46)}H{n(x + 30)}", "fig-ink")
            g = [(x - 15, y + 45 - 34), (x - 12, y + 45), (x + 12, y + 45), (x + 15, y + 45 - 34)]
            top = y + 45 - level
            w = 12 + 3 * level / 34
            f.path(
                poly([(x - w, top), (x - 12, y + 45), (x + 12, y + 45), (x + w, top)], True),
                "fig-action-fill",
                opacity=0.55,
            )
            f.path(poly(g), "fig-ink")
        return a, b

    def words(y, name, kind, lines):
        f.text(236, y, name, f"fig-tb fig-{kind}-fill")
        f.text(236, y + 24, lines)

    f.text(38, 18, "drunk", "fig-tm", "middle")
    f.text(194, 18, "lost", "fig-tm", "middle")
    scales(66, 13, 8, 30)
    words(70, "Much less than thirst", "caution", ["thirst grows;", "weight falls"])
    f.line(0, 184, W, 184, "fig-hair")
    scales(236, 2, 20, 23)
    words(238, "To thirst", "pass", ["near level; a small loss", "over a long event", "is usual"])
    f.path("M306 228l5 6 10-13", "fig-pass")
    f.line(0, 352, W, 352, "fig-hair")
    scales(420, -13, 34, 14)
    words(
        384,
        "At every stop, regardless",
        "stop",
        ["weight rises, blood", "sodium is diluted:", "nausea, headache,", "swelling, confusion"],
    )
    f.text(236, 496, "Medical team now.", "fig-tb fig-stop-fill")
    f.h = 526
    return f


if __name__ == "__main__":
    for one in sys.argv[1:] or FIGURES:
        write(one)
