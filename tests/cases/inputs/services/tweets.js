window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id_str" : "17",
      "created_at" : "Mon Mar 03 08:00:00 +0000 2031",
      "full_text" : "Fog kept the ferry Selma in port on Monday, and passengers waited in the old customs hall.",
      "lang" : "en"
    }
  },
  {
    "tweet" : {
      "id_str" : "18",
      "created_at" : "Tue Mar 04 08:00:00 +0000 2031",
      "full_text" : "The fog has lifted, and the ferry to Holm sails again at six.",
      "lang" : "en"
    }
  }
]
