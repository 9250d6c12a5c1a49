# language: nl
@referenties
Functionaliteit: Publicatievolgorde na de migratie
  Is gepubliceerd in een volgorde die werkt, zodat geen resource verwees naar iets dat nog niet bestond? Dat blijkt uit
  meta.lastUpdated; waar die niets meer zegt omdat een resource sindsdien is gewijzigd, wordt niets gezegd.

  Achtergrond:
    Gegeven de broninventaris van Koppeltaal 1.x
    En de momentopname van het domein in Koppeltaal 2.0

  @PUB-02 @advice @stap-U4 @MIG-KT-001-08
  Scenario: De publicatievolgorde is gevolgd
    Als de tijdstippen van elke resource naast die van haar verwijzingen worden gelegd
    Dan is elke resource gepubliceerd na waar zij naar verwijst
