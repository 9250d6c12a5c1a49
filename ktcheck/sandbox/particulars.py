"""What KT1 knew of people by pattern: names, ways to reach them, addresses and numbers (kt1-source.md section 6).

What each pattern adds is in the table of ``ktcheck.sandbox.dossiers``.
"""

from __future__ import annotations

from dataclasses import replace

from ktcheck.sandbox.facts import Address, Contact, Name, Number
from ktcheck.sandbox.people import Gender, Person

_PARTICLES = "van der"
_SINCE, _UNTIL = "2019-05-01", "2020-02-29"
_TITLES = {"male": "dhr.", "female": "mevr."}
_GENDERS: dict[int, Gender] = {2: "other", 3: "unknown", 4: "unknown"}


def patient(who: Person, pattern: int) -> Person:
    """The person with what his pattern needs: a family name with particles, or a gender that is no F or M."""
    prefix = who.prefix if pattern in {1, 4} else who.prefix or _PARTICLES
    return replace(who, prefix=prefix, gender=_GENDERS.get(pattern, who.gender))


def relative(who: Person, pattern: int) -> Person:
    """The person with what his pattern needs: a family name with particles, or a gender that KT1 does not tell."""
    return replace(who, prefix=who.prefix or _PARTICLES, gender="unknown" if pattern == 2 else who.gender)


def patient_names(who: Person, pattern: int) -> tuple[Name, ...]:
    """The official name of a patient, and what more his pattern adds."""
    official = Name(use="official", given=who.given, prefix=who.prefix, family=who.family)
    if pattern == 0:
        initials = tuple(f"{given[0]}." for given in who.given)
        return replace(official, given=initials), Name(use="usual", given=who.given[:1])
    if pattern == 1:
        title = _TITLES.get(who.gender, "drs.")
        return (replace(official, title=title, suffix="MSc", since=_SINCE),)
    if pattern == 2:
        return (replace(official, text=f"{' '.join(who.given)} {who.surname}"),)
    if pattern == 3:
        return (replace(official, joined=True),)
    return official, Name(use="maiden", prefix="van", family="Meisjenaam")


def relative_name(who: Person, pattern: int) -> Name:
    """The name of a related person; KT1 has it in several shapes."""
    name = Name(use="official", given=who.given, prefix=who.prefix, family=who.family)
    return replace(name, joined=pattern == 2, says_use=pattern != 4)


def patient_contacts(who: Person, pattern: int) -> tuple[Contact, ...]:
    """An e-mail address and a mobile number of a patient, and what more his pattern adds."""
    mail = Contact(system="email", value=who.email, use="work" if pattern == 4 else "home")
    phone = Contact(system="phone", value=who.phone, use="mobile")
    more = {
        0: Contact(system="fax", value="0600099901", use="work"),
        1: Contact(system="url", value=f"https://{who.family.lower()}.example"),
        2: Contact(system="phone", value="0600099902", use="old", until=_UNTIL),
        3: Contact(system="phone", value="0600099903", use="temp"),
    }
    return (mail, phone, more[pattern]) if pattern in more else (mail, phone)


def relative_contacts(who: Person, pattern: int) -> tuple[Contact, ...]:
    """The telephone number of a related person, if KT1 had one."""
    return () if pattern == 4 else (Contact(system="phone", value=who.phone, use="home"),)


def home(who: Person) -> Address:
    """Where somebody lives."""
    return Address(use="home", line=who.street, city=who.city, postcode=who.postcode)


def patient_addresses(who: Person, pattern: int) -> tuple[Address, ...]:
    """Where a patient lives, and what more his pattern adds."""
    text = "Verzonnenlaan 200, 1234 AB Verzonnendam"
    more = {
        0: Address(
            use="temp",
            line="Verzonnenlaan 200",
            city="Verzonnendam",
            postcode="1234 AB",
            state="Proefland",
            text=text,
            until=_UNTIL,
        ),
        2: Address(use="old", line="Oefenpad 300", city="Oefenstede", postcode="1235 AB", until=_UNTIL),
        3: Address(use="old", line=None, until=_UNTIL),
    }
    return (home(who), more[pattern]) if pattern in more else (home(who),)


def patient_numbers(own: str, site: str, north: str, pattern: int) -> tuple[Number, ...]:
    """The numbers that the EPD gave to a patient, besides his citizen service number."""
    number = Number(use="secondary", system=f"{site}/patientnummer", value=own)
    if pattern == 1:
        return (replace(number, since=_SINCE, assigner=north),)
    if pattern == 2:
        return number, Number(use="usual", system=f"{site}/dossiernummer", value=f"d-{own}")
    if pattern == 3:
        return number, Number(use="temp", system=f"{site}/aanmelding", value=f"aanmelding-{own}")
    return (number,)
