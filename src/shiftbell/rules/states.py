"""The states of the United States, with DC and the territories, by code and by name.

A location's state decides which stricter hours hold there (`whose_hours`), so a misspelled one must
be refused and never be taken for a state without any.
"""

from __future__ import annotations

from shiftbell.errors import BadInput

STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DE": "Delaware", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa",
    "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland",
    "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi",
    "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina",
    "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania",
    "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee",
    "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington",
    "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming", "DC": "District of Columbia",
    "AS": "American Samoa", "GU": "Guam", "MP": "Northern Mariana Islands", "PR": "Puerto Rico",
    "VI": "U.S. Virgin Islands",
}  # fmt: skip
_BY_NAME = {name.casefold(): code for code, name in STATES.items()}


def state_named(text: str) -> str:
    """Return the code of a state written as "IL" or "Illinois"; "" stays "", which is no state.

    Raises BadInput for anything else.
    """
    said = " ".join(text.split()).casefold()
    code = _BY_NAME.get(said, said.upper())
    if code and code not in STATES:
        hint = "Write the two letters of the Postal Service, like IL."
        raise BadInput(f"There is no state {text!r}.", hint=hint, field="state")
    return code
